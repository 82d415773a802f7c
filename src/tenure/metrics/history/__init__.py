"""Every metric of every account on many days at once: one plan per fact, shared by all metrics asked for.

A history asks each day with that day's as_of (rulings A2). What is declared by measures is compiled; what is
a function is asked day by day. Both give what `compute` gives for the same account and day.
"""
