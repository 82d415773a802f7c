"""Every metric of every account on many days at once: one plan per fact, shared by all metrics asked for.

A history asks each day with that day's as_of (rulings A2). What is declared by measures is compiled. What is a
function is told of all days at once by its twin in `metrics/over/`, and asked day by day where it has none. All
give what `compute` gives for the same account and day.
"""
