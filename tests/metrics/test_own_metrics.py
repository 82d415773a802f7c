"""A customer's own metric: one file, found everywhere; a broken one takes down itself only."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from own_declarations import QUIET, URGENT, changed

from tenure.kernel.errors import DeclarationError, UnknownName
from tenure.metrics import own
from tenure.metrics.declaration import built_in
from tenure.metrics.own import catalogue_of
from tenure.workspace import Workspace

TICKETS = [
    {
        "ticket_id": "t1",
        "account_id": "a",
        "created_at": "2026-04-03T09:00:00Z",
        "priority": "urgent",
    },
    {
        "ticket_id": "t2",
        "account_id": "a",
        "created_at": "2026-05-03T09:00:00Z",
        "priority": "normal",
    },
    {
        "ticket_id": "t3",
        "account_id": "b",
        "created_at": "2026-06-03T09:00:00Z",
        "priority": "urgent",
    },
    {
        "ticket_id": "t4",
        "account_id": "b",
        "created_at": "2026-02-03T09:00:00Z",
        "priority": "urgent",
    },
]
ACCOUNTS = [{"account_id": "a", "segment": "smb"}, {"account_id": "b", "segment": "enterprise"}]
Q2 = {"period": "2026-Q2", "as_of": "2026-06-30"}


@pytest.fixture
def acme(tmp_path: Path) -> Workspace:
    """Two accounts, four tickets, and a folder for metrics of one's own."""
    workspace = Workspace.create(tmp_path / "acme")
    workspace.load({"accounts": ACCOUNTS, "tickets": TICKETS})
    return workspace


def put(workspace: Workspace, name: str, text: str, *, kind: str = "metrics") -> Path:
    """Write one file of the catalogue."""
    folder = workspace.folder / "catalogue" / kind
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder / f"{name}.toml"


# Found everywhere


def test_one_file_is_a_metric_on_every_face(acme: Workspace, tenure: Any, tmp_path: Path) -> None:
    put(acme, "urgent_tickets", URGENT)
    where = ("-w", acme.folder)

    assert "urgent_tickets" in [metric.id for metric in acme.metrics()]
    answer = acme.metric("urgent_tickets", **Q2, by="segment")
    assert (answer.value, answer.components["share"]) == (2, 2 / 3)
    assert {cut.key: cut.value for cut in answer.cuts} == {"enterprise": 1, "smb": 1}
    assert answer.method["metric"] == "own (catalogue/metrics/urgent_tickets.toml)"

    chain = acme.explain("urgent_tickets", **Q2)
    assert "Whose: own (catalogue/metrics/urgent_tickets.toml)" in str(chain)
    assert {row.key for row in chain.rows} == {"t1", "t2", "t3"}

    listed = tenure("metrics", *where).out
    assert "Urgent tickets (count)  by segment  [own]" in listed
    (entry,) = [m for m in tenure("metrics", "--json", *where).data if m["id"] == "urgent_tickets"]
    assert (entry["origin"], entry["file"]) == ("own", "catalogue/metrics/urgent_tickets.toml")
    shown = tenure("metrics", "urgent_tickets", *where).out
    assert "whose        own (catalogue/metrics/urgent_tickets.toml)" in shown
    asked = ("--period", "2026-Q2", "--as-of", "2026-06-30")
    assert tenure("metric", "urgent_tickets", *asked, *where, "--json").data["value"] == 2
    assert "Whose: own" in tenure("explain", "urgent_tickets", *asked, *where).out

    assert tenure("metrics", "--pages", tmp_path / "reference", *where).code == 0
    page = (tmp_path / "reference" / "urgent_tickets.md").read_text()
    assert "**Whose**: own (catalogue/metrics/urgent_tickets.toml)" in page
    assert "how many rows of `ticket_days`, `opened in period`, where `priority = 'urgent'`" in page
    index = (tmp_path / "reference" / "index.md").read_text()
    assert "[`urgent_tickets`](urgent_tickets.md) (own)" in index


def test_a_metric_without_its_tables_is_unknown_like_ours(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "empty")
    put(workspace, "urgent_tickets", URGENT)

    answer = workspace.metric("urgent_tickets", **Q2)

    assert (answer.value, answer.unknown) == (None, "no_data")
    assert [note.code for note in answer.findings] == ["table.missing"]


def test_a_file_named_like_ours_stands_in_its_place_and_every_face_says_so(
    acme: Workspace, tenure: Any, tmp_path: Path
) -> None:
    put(acme, "support_ticket_trend", URGENT)
    words = "own, in place of ours (catalogue/metrics/support_ticket_trend.toml)"

    answer = acme.metric("support_ticket_trend", **Q2)

    assert answer.value == 2
    assert answer.method["metric"] == words
    (note,) = [note for note in answer.findings if note.code == "metric.own"]
    assert "in place of ours" in note.says
    assert f"Whose: {words}" in str(acme.explain("support_ticket_trend", **Q2))
    where = ("-w", acme.folder)
    assert "[own, in place of ours]" in tenure("metrics", *where).out
    assert words in tenure("metrics", "support_ticket_trend", *where).out
    tenure("metrics", "--pages", tmp_path / "r", *where)
    assert f"**Whose**: {words}" in (tmp_path / "r" / "support_ticket_trend.md").read_text()
    assert "(own, in place of ours)" in (tmp_path / "r" / "index.md").read_text()


def test_the_pages_of_a_workspace_are_ours_where_it_changed_nothing(
    acme: Workspace, tenure: Any, tmp_path: Path
) -> None:
    done = tenure("metrics", "--pages", tmp_path / "r", "-w", acme.folder, "--json")

    assert done.data["pages"] == sorted([*(f"{m.id}.md" for m in built_in()), "index.md"])
    for metric in built_in():
        page = (tmp_path / "r" / f"{metric.id}.md").read_text()
        assert page.startswith(f"# {metric.title} (`{metric.id}`)")
        assert "](../" not in page  # nothing is linked that is not there
        assert "own" not in (metric.origin, metric.file)


def test_an_own_metric_may_take_one_of_our_answers_and_all_that_belongs_to_it(
    acme: Workspace,
) -> None:
    shipped = Path(own.__file__).parent / "catalogue" / "renew" / "days_to_renewal.toml"
    text = shipped.read_text().replace("Days to renewal", "Renewal clock")
    put(acme, "renewal_clock", text)

    assert acme.catalogue.metrics["renewal_clock"].origin == "own"
    assert acme.metric("renewal_clock", as_of="2026-06-30").unknown == "no_data"

    put(acme, "renewal_clock", text.replace("clock.days_to_renewal", "clock.days_to_renewals"))
    with pytest.raises(DeclarationError, match="python:clock.days_to_renewal`"):
        acme.metric("renewal_clock")


# A broken file takes down its own metric and no other


def test_a_broken_file_is_told_where_its_metric_is_asked_for_and_nowhere_else(
    acme: Workspace, tenure: Any, tmp_path: Path
) -> None:
    put(acme, "urgent_tickets", URGENT)
    put(acme, "broken", changed(URGENT, ("'urgent'\"", "'urgent' and nobody\"")))
    where = ("-w", acme.folder)
    says = "catalogue/metrics/broken.toml:31: There is no column or parameter called `nobody`."

    assert acme.metric("urgent_tickets", **Q2).value == 2
    assert tenure("metric", "arr_in_force", *where).code == 0
    done = tenure("metric", "broken", *where)
    assert (done.code, done.err.splitlines()[0]) == (2, says)

    listed = tenure("metrics", *where)
    assert listed.code == 2
    assert "Urgent tickets" in listed.out
    assert says in listed.out
    (entry,) = [m for m in tenure("metrics", "--json", *where).data if m["id"] == "broken"]
    assert entry["error"]["where"] == "catalogue/metrics/broken.toml:31"

    checked = tenure("doctor", *where)
    assert checked.code == 4
    assert says in checked.out
    tenure("metrics", "--pages", tmp_path / "r", *where)
    assert says in (tmp_path / "r" / "index.md").read_text()


def test_a_broken_file_in_place_of_ours_does_not_bring_ours_back(acme: Workspace) -> None:
    put(acme, "nrr", "title = ")

    for name in ("nrr", "nrr_by_csm"):
        with pytest.raises(DeclarationError) as error:
            acme.metric(name)
        assert error.value.where.startswith("catalogue/metrics/nrr.toml")
    assert acme.metric("grr", as_of="2026-06-30").unknown == "no_data"
    assert "nrr" not in [metric.id for metric in acme.metrics()]


def test_a_file_that_cannot_be_read_as_text_is_told(acme: Workspace) -> None:
    put(acme, "latin", "").write_bytes(b'title = "a"\nsays = "Kund\xe4"\n')
    (acme.folder / "catalogue" / "metrics" / "folder.toml").mkdir()

    broken = acme.catalogue.broken

    assert broken["latin"].where == "catalogue/metrics/latin.toml:2"
    assert broken["latin"].remedy == "Save it as UTF-8."
    assert broken["folder"].code == "declaration.unreadable"


def test_a_file_of_brackets_within_brackets_takes_down_itself_only(acme: Workspace) -> None:
    put(acme, "urgent_tickets", URGENT)
    put(acme, "deep", f"grain = {'[' * 3000}{']' * 3000}\n")

    with pytest.raises(DeclarationError, match="nested too deeply") as error:
        acme.metric("deep", as_of="2026-06-30")

    assert error.value.where == "catalogue/metrics/deep.toml"
    assert acme.metric("urgent_tickets", **Q2).value == 2
    assert ["deep.toml" in complaint.says for complaint in acme.doctor()] == [True]


def test_a_mark_that_an_editor_puts_before_the_text_is_no_mistake(acme: Workspace) -> None:
    put(acme, "urgent_tickets", "\ufeff" + URGENT.replace("\n", "\r\n"))

    assert acme.metric("urgent_tickets", **Q2).value == 2


def test_a_mended_file_is_read_again_and_an_unchanged_one_is_not(
    acme: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put(acme, "urgent_tickets", URGENT)
    first = acme.catalogue
    monkeypatch.setattr(own, "read", None)  # reading anything again would fail

    assert acme.catalogue is first

    monkeypatch.undo()
    file.write_text(changed(URGENT, ("'urgent'", "'normal'")), encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert acme.metric("urgent_tickets", **Q2).value == 1
    file.unlink()
    assert "urgent_tickets" not in [metric.id for metric in acme.metrics()]


def test_fifty_metrics_of_ones_own_cost_a_question_almost_nothing(acme: Workspace) -> None:
    for number in range(50):
        put(acme, f"urgent_{number}", URGENT)
    acme.catalogue  # noqa: B018 - read once

    started = time.perf_counter()
    for _ in range(20):
        assert len(acme.catalogue.metrics) == len(built_in().metrics) + 50
    # Reading the fifty files takes about a second; looking whether one changed about a millisecond.
    assert (time.perf_counter() - started) / 20 < 0.05


def test_a_learner_reads_the_catalogue_as_it_is_now(acme: Workspace) -> None:
    acme.load({"activities": [], "contracts": []})
    with pytest.raises(UnknownName, match="There is no metric called `quiet_days`"):
        acme.metric("threshold_calibration", metric="quiet_days", as_of="2026-06-30")
    put(acme, "quiet_days", QUIET)

    acme.metric("threshold_calibration", metric="quiet_days", as_of="2026-06-30")


def test_the_catalogue_of_a_folder_without_own_files_is_ours(tmp_path: Path) -> None:
    assert catalogue_of(tmp_path) is built_in()


def test_a_short_name_that_is_taken_is_refused(acme: Workspace) -> None:
    put(
        acme,
        "quiet_days",
        changed(QUIET, ("[[thresholds]]", "[short.grr]\nlimit = 60\n[[thresholds]]")),
    )

    (broken,) = acme.catalogue.broken.values()

    assert (broken.code, broken.where) == (
        "declaration.short",
        "catalogue/metrics/quiet_days.toml:41",
    )
    assert acme.metric("grr", as_of="2026-06-30").metric == "grr"


def test_a_metric_called_like_one_of_our_short_names_says_that_it_stands_in_its_place(
    acme: Workspace,
) -> None:
    put(acme, "nrr_by_csm", URGENT)

    assert acme.metric("nrr_by_csm", **Q2).value == 2
    assert acme.catalogue.metrics["nrr_by_csm"].origin == "own, in place of ours"
