"""What each canonical column accepts, as SQL over staged text; by noun, one file each.

Imports kernel and facts. Does not promise anything about rows together: keys and references are
checked in `tenure.facts.keys` and `tenure.facts.references`.
"""
