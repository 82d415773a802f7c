"""RavenStack's honest answer: neither usage nor tickets nor satisfaction tells who left, in both dialects, in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tenure import Workspace
from tenure.cli.app import app

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
DIALECTS = ("ravenstack", "ravenstack-second-dialect")

pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(
        not all((DATA / name).is_dir() for name in DIALECTS),
        reason="needs the RavenStack exports in ../shared/data",
    ),
]


@pytest.fixture(scope="module", params=DIALECTS)
def workspace(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(request.param) / "workspace"
    ws = Workspace.create(folder)
    ws.import_folder(DATA / request.param, mapping="ravenstack")
    settings = folder / "tenure.toml"
    trusted = "\n[sources.ravenstack]\nbackfill_trusted = true\n"
    settings.write_text(settings.read_text(encoding="utf-8") + trusted, encoding="utf-8")
    return folder


def test_of_what_the_source_says_of_churn_nothing_separates(workspace: Path) -> None:
    asked = ["usage_trend", "usage_consistency", "support_ticket_trend", "csat"]
    found = Workspace.open(workspace).learn_thresholds(asked, churn_from="statements")
    assert {one.metric.name: one.status for one in found} == {
        "usage_trend": "no_separation",
        "usage_consistency": "no_separation",
        "support_ticket_trend": "insufficient_coverage",
        "csat": "insufficient_coverage",
    }
    assert found.ledger.kept == 651
    assert 120 <= int(found.panel.happened.sum()) <= 150
    for name in ("usage_trend", "usage_consistency"):
        assert 0.45 < found[name].auc.estimate < 0.55


def test_the_command_says_so_in_plain_words_and_names_the_other_list(workspace: Path) -> None:
    told = CliRunner().invoke(app, ["thresholds", "learn", "-w", str(workspace)])
    assert told.exit_code == 0
    assert "Contracts show 1 churn in these rows" in told.output
    assert "--churn-from statements" in told.output
    told = CliRunner().invoke(
        app, ["thresholds", "learn", "-w", str(workspace), "--churn-from", "statements"]
    )
    assert "None of 3 metrics tells accounts that churned from the retained." in told.output
    assert "churned and retained accounts look alike on this metric (AUC .5" in told.output
