"""Metrics: what we measure. One declaration each; derived facts below them; one door, `compute`.

May import lake, facts and kernel. Does not promise that a number is worth acting on: that is `signals`.
"""
