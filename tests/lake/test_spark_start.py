"""What is said where Spark is asked for and cannot be had; none of it needs Spark."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path
from typing import Any

import pytest

from tenure.kernel.errors import UnknownName, UserError
from tenure.lake.engines.spark_session import require_answer, require_spark
from tenure.workspace.engines import Chosen


def java_that_says(folder: Path, version: str) -> Path:
    """A Java home whose `java` says this version."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2026-01-20' >&2\n")
    program.chmod(0o755)
    return folder


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra were installed."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)


def refused(code: str, act: Any, *given: Any) -> str:
    with pytest.raises(UserError) as caught:
        act(*given)
    assert caught.value.code == code
    return str(caught.value)


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    said = refused("engine.spark_absent", require_spark)

    assert "pyspark" in said
    assert "pip install 'tenure[spark]'" in said


def test_without_java_or_with_an_old_one_it_is_said_which_is_needed(
    installed: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    assert "17 or newer, and no Java was found" in refused("engine.java", require_spark)

    monkeypatch.setenv("JAVA_HOME", str(java_that_says(tmp_path / "old", "1.8.0_412")))
    assert "the Java found is version 8" in refused("engine.java", require_spark)

    monkeypatch.setenv("JAVA_HOME", str(java_that_says(tmp_path / "new", "21.0.3")))
    require_spark()


def test_a_master_at_whose_address_nobody_answers_is_named_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host, port = taken.getsockname()
        silent = f"spark://{host}:{port}"
        assert silent in refused("engine.master", require_answer, silent)
        taken.listen()
        require_answer(silent)
        require_answer(f"spark://127.0.0.1:1,{host}:{port}")


def test_masters_without_an_address_are_for_spark_to_find() -> None:
    for master in ("local[*]", "local-cluster[2,1,1024]", "yarn"):
        require_answer(master)
    assert "no address" in refused("engine.master", require_answer, "spark://no address")


def test_an_engine_nobody_knows_and_a_master_for_duckdb_are_refused() -> None:
    with pytest.raises(UnknownName, match="`spark`"):
        Chosen("sparc")
    assert "--engine spark" in refused("engine.option", Chosen, "duckdb", "local[2]")
