"""Facts: the canonical tables as declarations, readers, mappings, checks and findings.

Imports kernel only. Does not promise to store anything: what `prepare` makes is committed by the lake.
"""
