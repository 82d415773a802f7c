"""`python -m tenure` is the `tenure` command."""

from tenure.main import run

run()
