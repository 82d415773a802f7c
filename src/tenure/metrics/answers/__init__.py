"""Functions of metrics that are no plain aggregate, one file per question."""
