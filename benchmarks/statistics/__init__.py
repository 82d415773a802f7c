"""Worlds with a known truth, and how near the learned numbers come to it."""
