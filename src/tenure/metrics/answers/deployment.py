"""Roll-out: deployment_completeness."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from tenure.kernel.money import ratio
from tenure.kernel.unknown import Reason
from tenure.metrics.answers.opening import by_cut
from tenure.metrics.asked import Asked, Cut, Result
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.reading import Reading, Row


def deployment_completeness(reading: Reading, asked: Asked) -> Result:
    """Planned teams that are live, of all planned teams; the same weighed by planned seats."""
    chosen = reading.begun_accounts(asked)
    planned = _planned(reading, chosen)
    by_account = {a: _share(planned.get(a, []), asked) for a in chosen}
    everything = [row for a in chosen for row in planned.get(a, [])]
    value, seats = _share(everything, asked), _seat_share(everything, asked)
    reasons: dict[str, Reason] = {
        f"by_account.{a}": "no_data" for a in chosen if by_account[a] is None
    }
    if seats is None:
        reasons["seat_weighted"] = "undefined" if everything else "no_data"
    cuts = []
    for key, own in by_cut(reading, asked, [a for a in chosen if planned.get(a)]).items():
        rows = [row for a in own for row in planned[a]]
        parts = {"seat_weighted": _seat_share(rows, asked)}
        cuts.append(Cut(key, _share(rows, asked), len(rows), parts))
    return Result(
        value=value,
        unknown=None if value is not None else "no_data",
        components={"seat_weighted": seats, "by_account": by_account},
        reasons=reasons,
        cuts=cuts,
        n=len(everything),
        rows=[
            SourceRow("deployments", row["account_id"], row["source_file"], row["source_line"])
            for row in everything
        ],
    )


def _planned(reading: Reading, accounts: Iterable[str]) -> dict[str, list[Row]]:
    """The teams planned per account: those with planned seats, or all where none has any."""
    meant = set(accounts)
    teams: dict[str, list[Row]] = defaultdict(list)
    for row in reading.rows("deployments"):
        if row["account_id"] in meant:
            teams[row["account_id"]].append(row)
    return {
        a: [row for row in own if row["planned_seats"] is not None] or own
        for a, own in teams.items()
    }


def _is_live(row: Row, asked: Asked) -> bool:
    return row["live_date"] is not None and row["live_date"] <= asked.as_of


def _share(rows: Sequence[Row], asked: Asked) -> float | None:
    return ratio(sum(1 for row in rows if _is_live(row, asked)), len(rows))


def _seat_share(rows: Sequence[Row], asked: Asked) -> float | None:
    seats = [row for row in rows if row["planned_seats"] is not None]
    live = sum(row["planned_seats"] for row in seats if _is_live(row, asked))
    return ratio(live, sum(row["planned_seats"] for row in seats))
