"""What really happened in a simulated company, written by the simulator itself while it happens.

Nothing here asks Tenure's metrics; they are measured against it. Amounts are in the account's own
currency, as text with two decimals. Everything is as known on the last day covered: a contract that
ran out less than 30 days before it without a word is `open`, and its ARR still counts.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import TextIO

from tenure.kernel.days import add_months, month_start
from tenure.simulate.accounts import Account
from tenure.simulate.contracts import Contract, Life
from tenure.simulate.courses import Course
from tenure.simulate.faults import Mess
from tenure.simulate.realised import Realised, judged
from tenure.simulate.scale import Scale
from tenure.simulate.summary import planted, summary
from tenure.simulate.worlds import World
from tenure.simulate.write import money
from tenure.simulate.years import Year


class TruthBook:
    """Writes `truth.json`, one account per line, and `TRUTH.md`; only sums are kept in memory."""

    def __init__(self, folder: Path, scale: Scale, world: World) -> None:
        """Open the file and write how the company was made."""
        folder.mkdir(parents=True, exist_ok=True)
        self.scale, self.world, self._folder = scale, world, folder
        self._realised = Realised(scale, world)
        self._file: TextIO = (folder / "truth.json").open("w", encoding="utf-8", newline="\n")
        self._month_ends = _month_ends(scale)
        self._totals: dict[date, dict[str, int]] = {day: {} for day in self._month_ends}
        self._first = True
        head = {
            "world": world.name,
            "seed": scale.seed,
            "parameters": {
                "accounts": scale.accounts,
                "months": scale.months,
                "users_per_account": scale.users_per_account,
                "active_days": scale.active_days,
                "end": str(scale.end),
            },
            "first_day": str(scale.begin),
            "last_day": str(scale.last),
            "usage_detail": "user" if scale.usage_by_user else "account_day",
            "planted": planted(world),
        }
        self._file.write(_dump(head)[:-1] + ', "accounts": [\n')

    def account(self, who: Account, life: Life, course: Course | None = None) -> None:
        """One account: its ARR steps, the days it went and returned, and what became of its contracts.

        With a course also its health zone and level, and what each of its years was planted with.
        """
        balances = life.balances()
        gone = [str(day) for day, arr, _why in balances if arr == 0]
        after = [arr for _day, arr, _why in balances]
        back = [
            str(day)
            for (day, _arr, _why), before in zip(balances[1:], after, strict=False)
            if before == 0
        ]
        entry: dict[str, object] = {
            "account_id": who.id,
            "currency": who.currency,
            "segment": who.segment.name,
            "steps": [{"date": str(d), "arr": money(a), "why": why} for d, a, why in balances],
            "churned_on": gone,
            "returned_on": back,
            "renewals": [_renewal(c) for c in life.contracts if c.outcome.due is not None],
        }
        if course is not None:
            entry |= {"zone": course.zone.name, "health_level": round(course.level, 1)}
            entry["years"] = [_year(self.scale, year, held) for year, held in course.years]
        self._file.write(("" if self._first else ",\n") + _dump(entry))
        self._first = False
        self._realised.account(life, course)
        self._count(who.currency, balances)

    def _count(self, currency: str, balances: list[tuple[date, int, str]]) -> None:
        place, arr = 0, 0
        for day in self._month_ends:
            while place < len(balances) and balances[place][0] <= day:
                arr = balances[place][1]
                place += 1
            if arr:
                self._totals[day][currency] = self._totals[day].get(currency, 0) + arr

    def close(self, rows: dict[str, int], mess: Mess | None = None) -> None:
        """Write the sums and the number of rows per table, and close; then the summary for people."""
        ends = {
            str(day): {currency: money(total) for currency, total in sorted(totals.items())}
            for day, totals in self._totals.items()
        }
        realised = self._realised.told()
        tail: dict[str, object] = {"arr_at_month_end": ends, "rows": rows, "realised": realised}
        if mess is not None:
            tail |= {"import_with": mess.reading, "faults": [fault.told() for fault in mess.faults]}
        self._file.write("\n], " + _dump(tail)[1:] + "\n")
        self._file.close()
        text = summary(self.scale, self.world, realised, mess)
        (self._folder / "TRUTH.md").write_text(text, encoding="utf-8", newline="\n")

    def __enter__(self) -> TruthBook:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def _renewal(contract: Contract) -> dict[str, object]:
    """One contract that falls due: `word` says what became of it.

    early, on_time, late (inside grace), late_beyond_grace, lost, open (inside grace, nothing heard),
    auto (renewed itself), not_due, trial.
    """
    outcome = contract.outcome
    found: dict[str, object] = {
        "contract_id": contract.id,
        "due": str(outcome.due),
        "outcome": outcome.word,
        "renewable_arr": money(outcome.renewable),
        "renewed_arr": money(outcome.renewed),
    }
    if outcome.renewed_on is not None:
        found["renewed_on"] = str(outcome.renewed_on)
    if contract.notice is not None:
        found["notice"] = str(contract.notice)
    return found


def _year(scale: Scale, year: Year, contract: Contract) -> dict[str, object]:
    """One year under a law; `judged` says whether it counts in `realised`.

    `left` is null where the last day does not know yet; `would_have_left` is what the customer wanted
    before any play. Days that nobody could know on the last day are told all the same: this is the truth.
    """
    known = contract.outcome.word not in ("open", "not_due")
    found: dict[str, object] = {
        "contract_id": contract.id,
        "start": str(year.start),
        "due": str(year.due),
        "cadence_kept": year.kept,
        "left": contract.outcome.word == "lost" if known else None,
        "would_have_left": year.wanted,
        "judged": judged(scale, year, contract),
    }
    if year.decided is not None:
        found["decided"] = str(year.decided)
    if (episode := year.episode) is not None:
        days = {
            "use_falls": episode.onset,
            "use_whole": episode.whole,
            "flagged": episode.flagged,
            "played": episode.played,
        }
        found |= {name: str(day) for name, day in days.items() if day is not None}
        if year.decided is not None:
            found["lead_days"] = (year.decided - episode.onset).days
    return found


def _month_ends(scale: Scale) -> list[date]:
    """The last days of the civil months that end inside the window."""
    found, month = [], add_months(month_start(scale.begin), 1)
    while month <= scale.end:
        found.append(month - timedelta(days=1))
        month = add_months(month, 1)
    return found


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
