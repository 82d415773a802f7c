"""One reader per kind of source; each puts rows as text on the stage, with the line they came from.

Imports kernel and facts. Does not promise anything about the meaning of a value: that is checked after.
"""
