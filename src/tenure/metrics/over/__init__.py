"""Answers over many days: each function gives at once what the function of the same name in `answers` gives day by day."""
