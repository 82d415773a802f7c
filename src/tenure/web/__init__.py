"""The pages: who asks, one question or verb of the desk, one template.

May import the desk and everything left of it; never another face. Does not promise a number of its own: a view shows
what an insight or the lake says.
"""
