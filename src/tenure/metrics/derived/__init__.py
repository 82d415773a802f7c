"""Derived facts: the second tier between tables and metrics. Pure functions on plain rows."""
