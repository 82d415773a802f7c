"""What is said where DuckDB is asked something that Spark has no words for."""

from __future__ import annotations

from tenure.kernel.errors import LakeError


def no_form(what: str, text: str) -> LakeError:
    """Something that DuckDB is asked and Spark cannot be."""
    return LakeError(
        f"{what} has no Spark form yet.",
        where=text[:2000],
        remedy="Refresh with `--engine duckdb`; the history before is unchanged. Please report the sentence.",
        code="engine.spark_form",
    )
