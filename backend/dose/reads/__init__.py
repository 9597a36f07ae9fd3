"""What may be known of routes, orders and doses: rows for acts, frozen views for people who look."""

from backend.dose.reads.ordering import bank_of, collected_on, given, live_order, route_of, windows

__all__ = ["bank_of", "collected_on", "given", "live_order", "route_of", "windows"]
