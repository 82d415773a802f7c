"""Starting weights per business model: one TOML file each, read by `preset.py`."""
