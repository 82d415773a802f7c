"""Worlds with a known truth, and tables of what the methods make of them beside the targets."""
