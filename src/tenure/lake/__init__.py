"""The lake: facts as Delta tables, written once and whole, read at one workspace snapshot.

May import kernel and facts. Does not promise anything about numbers, or about tables opened directly:
only a snapshot is one moment.
"""
