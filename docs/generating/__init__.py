"""What `docs/generate.py` is made of: one file per kind of look-up page, each giving Markdown, none writing it.

Imports Tenure. Does not promise to find a code that is put together at run time.
"""
