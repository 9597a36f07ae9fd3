"""What must be true of routes, orders, preparation and doses: pure functions from rows to reasons."""
