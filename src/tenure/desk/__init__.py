"""The desk: people, what they say and do, and the one rule of who sees what. The only folder with models.

A verb is a file (`add_person.py`): who may, the check, the act, the audit entry. Every face calls the same one. May
import everything left of it. Does not promise that a number stands here: numbers live in the lake.
"""
