"""Seats given out of seats bought: seat_utilization."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from tenure.kernel.unknown import Reason
from tenure.metrics.asked import Asked, Result
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.derived.seat_days import SEAT, added_up, is_assigned, utilization
from tenure.metrics.reading import Reading, Row


def seat_utilization(reading: Reading, asked: Asked) -> Result:
    """Assigned over purchased seats per account; of several seat products the fullest."""
    chosen, as_of = reading.begun_accounts(asked), asked.as_of
    lines: dict[str, list[tuple[str | None, Fraction | None]]] = defaultdict(list)
    sources: dict[str, list[SourceRow]] = defaultdict(list)
    for line in reading.derived("lines_in_force", asked.known):
        if line["unit"] == SEAT and line["is_recurring"]:
            number = None if line["quantity"] is None else Fraction(line["quantity"])
            lines[line["account_id"]].append((line["product_id"], number))
            sources[line["account_id"]].append(
                SourceRow(
                    "contract_lines", line["line_id"], line["source_file"], line["source_line"]
                )
            )
    users: dict[str, list[Row]] = defaultdict(list)
    for row in reading.rows("product_users"):
        if is_assigned(row, as_of):
            users[row["account_id"]].append(row)
    bought = {a: added_up(lines[a]) for a in chosen}
    used = {a: utilization(bought[a], users.get(a, ())) for a in chosen}
    reasons: dict[str, Reason] = {
        f"by_account.{a}": "no_data" if None in bought[a].values() else "undefined"
        for a in chosen
        if used[a] is None
    }
    full = Fraction(str(asked.parameters["pql_threshold"]))
    return Result(
        value=None,
        components={
            "by_account": {a: None if u is None else float(u) for a, u in used.items()},
            "pql": [a for a, u in used.items() if u is not None and u >= full],
        },
        reasons=reasons,
        n=sum(1 for u in used.values() if u is not None),
        rows=[source for a in chosen if used[a] is not None for source in sources[a]],
    )
