"""Book and risk: arr_per_csm, retention_risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from tenure.kernel.money import ZERO, ratio, total
from tenure.kernel.unknown import Reason
from tenure.kernel.wording import counted
from tenure.metrics.answers.clock import next_renewals
from tenure.metrics.answers.opening import cut_key
from tenure.metrics.asked import Asked, Cut, Note, Result
from tenure.metrics.declaration import question_of
from tenure.metrics.derived.arr_movements import Ledger
from tenure.metrics.derived.book import UNASSIGNED
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.reading import Reading, Row


def arr_per_csm(reading: Reading, asked: Asked) -> Result:
    """ARR of each owner's accounts on a day, against the benchmark of the segment that carries the book."""
    as_of = asked.as_of
    chosen = reading.population(asked.where, as_of)
    book = _ledger_today(reading, asked, chosen)
    books: dict[str, dict[str, Decimal]] = {}
    for account_id in sorted(chosen):
        balance = book.balance(account_id, as_of)
        if balance > 0:
            books.setdefault(reading.owners().owner(account_id, as_of), {})[account_id] = balance
    fte = {row["user_id"]: row["fte"] for row in reading.rows("team_members")}
    people = {person: own for person, own in books.items() if person != UNASSIGNED}
    by_csm = {person: total(own.values()) for person, own in sorted(people.items())}
    heads = {person: _heads(fte.get(person)) for person in people}
    status = {
        person: _load(reading, people[person], by_csm[person] / heads[person], asked)
        for person in by_csm
    }
    average = total(by_csm.values()) / total(heads.values()) if people else None
    components: dict[str, Any] = {
        "by_csm": by_csm,
        "average": average,
        "status": status,
        "accounts": {person: len(own) for person, own in sorted(people.items())},
        "unassigned": total(books.get(UNASSIGNED, {}).values()),
    }
    cuts = (
        [
            Cut(person, value, len(people[person]), {"arr": value})
            for person, value in by_csm.items()
        ]
        if asked.by == "csm"
        else _by_segment(reading, asked, people, heads)
    )
    return Result(
        value=average,
        components=components,
        unknown="undefined" if average is None else None,
        reasons=_undefined(average, status),
        cuts=cuts,
        n=len(people),
        notes=_unassigned(books),
        rows=[
            s.source
            for s in reading.spans(asked.grace_days, asked.as_of)
            if s.in_force(as_of, as_of) and s.account_id in chosen
        ],
    )


def _heads(fte: Decimal | None) -> Decimal:
    """A pool counts as its full-time people; one person is one book, part time or not."""
    return fte if fte is not None and fte > 1 else Decimal(1)


def _load(reading: Reading, own: Mapping[str, Decimal], arr: Decimal, asked: Asked) -> str | None:
    segments: dict[str, Decimal] = {}
    for account_id, balance in own.items():
        word = reading.account_word(account_id, "segment", asked.as_of)
        segments[word] = segments.get(word, ZERO) + balance
    main = max(sorted(segments), key=lambda word: segments[word])
    bounds = asked.parameters["arr_benchmarks"].get(main)
    if bounds is None:
        return None
    low, high = (Decimal(str(bound)) for bound in bounds)
    return "under" if arr < low else "over" if arr > high else "within"


def _unassigned(books: Mapping[str, Mapping[str, Decimal]]) -> list[Note]:
    own = books.get(UNASSIGNED)
    if own is None:
        return []
    return [
        Note(
            "notice",
            "arr.unassigned",
            f"{counted(len(own), 'active account')} without an owner, {total(own.values()):,.2f} of ARR in nobody's book.",
            "Give them an owner in account_assignments or accounts.csm_id.",
        )
    ]


def _undefined(average: Decimal | None, status: Mapping[str, str | None]) -> dict[str, Reason]:
    """A book whose main segment has no benchmark is neither under nor over one."""
    missing = [f"status.{person}" for person, word in status.items() if word is None]
    return dict.fromkeys([*missing, *(["average"] if average is None else [])], "undefined")


def _by_segment(
    reading: Reading,
    asked: Asked,
    people: Mapping[str, Mapping[str, Decimal]],
    heads: Mapping[str, Decimal],
) -> list[Cut]:
    if asked.by != "segment":
        return []
    sums: dict[str, Decimal] = {}
    owners: dict[str, set[str]] = {}
    for person, own in people.items():
        for account_id, balance in own.items():
            word = reading.account_word(account_id, "segment", asked.as_of)
            sums[word] = sums.get(word, ZERO) + balance
            owners.setdefault(word, set()).add(person)
    return [
        Cut(
            word,
            sums[word] / total(heads[p] for p in owners[word]),
            len(owners[word]),
            {"arr": sums[word]},
        )
        for word in sorted(sums)
    ]


def _ledger_today(reading: Reading, asked: Asked, chosen: frozenset[str]) -> Ledger:
    return reading.ledger(
        as_of=asked.as_of,
        rate_day=asked.as_of,
        currency=asked.reporting_currency,
        grace_days=asked.grace_days,
        within=chosen,
    )


def retention_risk(reading: Reading, asked: Asked) -> Result:
    """Active accounts with an open at-risk flag, and their whole ARR; several flags count once."""
    as_of = asked.as_of
    population = reading.population(asked.where, as_of)
    book = _ledger_today(reading, asked, population)
    chosen = {a: b for a in population if (b := book.balance(a, as_of)) > 0}
    flagged = [
        row
        for row in reading.rows("risk_flags")
        if _is_open(row, as_of) and row["account_id"] in chosen
    ]
    within = asked.parameters["renewing_within_days"]
    at_risk = {row["account_id"] for row in flagged}
    if within is not None:
        soon = next_renewals(reading, asked)
        at_risk = {a for a in at_risk if a in soon and (soon[a] - as_of).days <= int(within)}
    parts = _risk(chosen, at_risk)
    cuts = []
    if asked.by is not None:
        groups: dict[str, dict[str, Decimal]] = {}
        for account_id, balance in chosen.items():
            groups.setdefault(cut_key(reading, asked, account_id, as_of), {})[account_id] = balance
        for key in sorted(groups):
            own = _risk(groups[key], at_risk)
            cuts.append(Cut(key, own["at_risk_accounts"], len(groups[key]), own))
    sources = [
        SourceRow("risk_flags", row["flag_id"], row["source_file"], row["source_line"])
        for row in flagged
        if row["account_id"] in at_risk
    ]
    return Result(
        value=parts["at_risk_accounts"],
        components=parts | {"accounts": sorted(at_risk)},
        reasons={} if parts["share_of_arr"] is not None else {"share_of_arr": "undefined"},
        cuts=cuts,
        n=len(chosen),
        rows=sources,
    )


def at_risk_accounts(reading: Reading, day: date) -> set[str]:
    """Accounts with an open flag of a metric that asks about renewal."""
    return {row["account_id"] for row in reading.rows("risk_flags") if _is_open(row, day)}


def _risk(balances: Mapping[str, Decimal], at_risk: Sequence[str] | set[str]) -> dict[str, Any]:
    own = [a for a in balances if a in at_risk]
    arr = total(balances[a] for a in own)
    return {
        "at_risk_accounts": len(own),
        "arr_at_risk": arr,
        "share_of_arr": ratio(arr, total(balances.values())),
    }


def _is_open(row: Row, as_of: date) -> bool:
    """Raised by then and not cleared by then; flags of metrics that ask about growth are no risk (rulings B20)."""
    if row["raised_date"] is None or row["raised_date"] > as_of:
        return False
    if row["question"] in ("grow", "advocate"):
        return False
    if row["metric_id"] is not None and question_of(row["metric_id"]) not in ("renew", None):
        return False
    return row["cleared_date"] is None or row["cleared_date"] > as_of
