"""The permanent cast of every test is the demonstration's own."""

from backend.rehearsal.cast import BY_ROLE, CAST, PASSWORD, by, hire, sign

__all__ = ["BY_ROLE", "CAST", "PASSWORD", "by", "hire", "sign"]
