"""Use of a product by day: how long a commitment lasts, and days that are unlike an account's own.

Pure functions on plain data; numpy and, for one distribution, scipy. Does not promise why an account used more or less.
"""
