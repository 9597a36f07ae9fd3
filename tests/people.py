"""The permanent cast of every test is the demonstration's own."""

from backend.rehearsal.cast import CAST, PASSWORD, by, hire, sign

__all__ = ["CAST", "PASSWORD", "by", "hire", "sign"]
