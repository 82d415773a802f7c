"""The notebook's door: one company's facts, the numbers over them, and their history.

Imports `kernel`, `facts`, `lake` and `metrics`. Does not promise privacy between people: who can read the folder can
read what is in it (rulings C27).
"""

from tenure.workspace.workspace import Workspace

__all__ = ["Workspace"]
