"""The four business models of S2's Business Model Context Guide: one TOML file each, read by `model.py`."""
