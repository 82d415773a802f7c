"""A believable company, made up: `simulate` writes canonical files and what truly happened."""

from tenure.simulate.run import Volume, simulate

__all__ = ["Volume", "simulate"]
