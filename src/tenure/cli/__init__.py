"""The command line: a face over `Workspace`. Commands load an engine only when they read.

May import everything to its left. Does not promise stable text output; `--json` is the contract.
"""
