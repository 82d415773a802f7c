"""Worked examples that others have published, run through the whole of Tenure."""
