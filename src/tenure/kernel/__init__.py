"""What every layer stands on: days, money, Unknown, errors, the declaration loader, the clock.

Imports nothing of Tenure. Does not promise anything about files, tables or metrics.
"""
