"""Small worlds with a known truth, and programs that print how well the product finds it, beside the targets.

Imports nothing from `tenure.signals` in `worlds*.py`: a world must not know how it is looked at.
"""
