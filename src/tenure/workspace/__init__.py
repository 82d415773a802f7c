"""The notebook's door: one company's facts, the numbers over them, and their history."""

from tenure.workspace.workspace import Workspace

__all__ = ["Workspace"]
