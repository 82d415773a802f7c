"""Engines that answer selects over a snapshot. DuckDB is the one there is."""
