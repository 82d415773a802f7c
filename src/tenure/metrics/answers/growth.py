"""Expansion and value: quarterly_expansion_revenue, expansion_revenue_by_account, acv_growth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from tenure.kernel.days import Period, add_months
from tenure.kernel.money import ZERO, ratio, total
from tenure.kernel.unknown import Reason
from tenure.metrics.answers.opening import cut_key, opening_cohort, opening_ledger, sources_of
from tenure.metrics.asked import Asked, Cut, Note, Result
from tenure.metrics.derived.arr_movements import Ledger, Movement
from tenure.metrics.derived.book import UNASSIGNED
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.derived.flows import flows
from tenure.metrics.derived.rates import MissingRate
from tenure.metrics.reading import Reading


def quarterly_expansion_revenue(reading: Reading, asked: Asked) -> Result:
    """Expansion movements of the period, each with the owner of its day; or the red flags over quarters."""
    if asked.parameters["view"] == "red_flags":
        return _red_flags(reading, asked)
    moves, sources = _expansion(reading, asked, asked.period)
    by_account = _sum_by(moves, lambda m: m[0].account_id)
    by_csm = _sum_by(moves, lambda m: reading.owners().owner(m[0].account_id, m[0].day))
    value = total(amount for _, amount in moves)
    cuts = []
    if asked.by is not None:
        groups: dict[str, list[tuple[Movement, Decimal]]] = {}
        for move in moves:
            key = cut_key(reading, asked, move[0].account_id, move[0].day)
            groups.setdefault(key, []).append(move)
        for key in sorted(groups):
            amount = total(m[1] for m in groups[key])
            cuts.append(Cut(key, amount, len(groups[key]), {"value": amount}))
    return Result(
        value=value,
        components={"value": value, "by_account": by_account, "by_csm": by_csm},
        cuts=cuts,
        n=len(moves),
        rows=sources,
    )


def _expansion(
    reading: Reading, asked: Asked, period: Period
) -> tuple[list[tuple[Movement, Decimal]], list[SourceRow]]:
    """Expansion movements with the amount that counts: without ramp steps where those are left out."""
    chosen = reading.population(asked.where, asked.as_of)
    book = opening_ledger(reading, asked, period, chosen)
    include_ramp = asked.parameters.get("include_ramp", True)
    counted = expansion_of(book.movements(period), include_ramp=include_ramp)
    return counted, sources_of(book, sorted({m.account_id for m, _ in counted}))


def expansion_of(
    moves: Iterable[Movement], *, include_ramp: bool
) -> list[tuple[Movement, Decimal]]:
    """The movements that are expansion, each with the amount that counts."""
    counted = []
    for move in moves:
        if move.type != "expansion":
            continue
        amount = move.delta if include_ramp else move.delta - move.ramp_delta
        if amount > 0:
            counted.append((move, amount))
    return counted


def _sum_by(moves: Sequence[tuple[Movement, Decimal]], key: Any) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for move in moves:
        sums[key(move)] = sums.get(key(move), ZERO) + move[1]
    return dict(sorted(sums.items()))


def _red_flags(reading: Reading, asked: Asked) -> Result:
    """S1's three signs per CSM; `below_mean` is information, not a fault (section 4, B24).

    sudden: this quarter is at least `sudden_drop` below the one before. consistent: each of the last
    `consecutive` quarters is below the one before it.
    """
    drop, runs = Decimal(str(asked.parameters["sudden_drop"])), int(asked.parameters["consecutive"])
    quarters = [asked.period]
    for _ in range(max(runs, 1)):
        quarters.insert(0, Period(add_months(quarters[0].start, -3), quarters[0].start))
    sums: list[dict[str, Decimal]] = []
    for quarter in quarters:
        moves, _ = _expansion(reading, asked, quarter)
        sums.append(_sum_by(moves, lambda m: reading.owners().owner(m[0].account_id, m[0].day)))
    people = sorted(
        _csms_with_a_book(reading, asked) | {p for s in sums for p in s if p != UNASSIGNED}
    )
    series = {person: [s.get(person, ZERO) for s in sums] for person in people}
    mean = total(values[-1] for values in series.values()) / len(series) if series else ZERO
    flags = {
        person: red_flags(values, mean=mean, sudden_drop=drop, consecutive=runs)
        for person, values in series.items()
    }
    return Result(
        value=None,
        components={"flags": flags, "by_csm": {p: v[-1] for p, v in series.items()}, "mean": mean},
        n=len(people),
        notes=[
            Note(
                "notice",
                "red_flags.information",
                "About half of any team is below its mean; compare with what the book makes likely before drawing a conclusion.",
            )
        ],
    )


def red_flags(
    values: Sequence[Decimal], *, mean: Decimal, sudden_drop: Decimal, consecutive: int
) -> list[str]:
    """The signs in one person's quarterly sums, oldest first."""
    found = []
    before, now = values[-2], values[-1]
    if before > 0 and now <= before * (1 - sudden_drop):
        found.append("sudden")
    steps = list(zip(values[-consecutive - 1 :], values[-consecutive:], strict=False))
    if len(steps) >= consecutive and all(later < earlier for earlier, later in steps):
        found.append("consistent")
    if now < mean:
        found.append("below_mean")
    return found


def _csms_with_a_book(reading: Reading, asked: Asked) -> set[str]:
    day = asked.period.last_day
    chosen = reading.population(asked.where, asked.as_of)
    return {reading.owners().owner(account_id, day) for account_id in chosen} - {UNASSIGNED}


def expansion_revenue_by_account(reading: Reading, asked: Asked) -> Result:
    """Expansion per account: point to point, or the sum of its movements."""
    if asked.parameters["method"] == "gross_flows":
        moves, sources = _expansion(reading, asked, asked.period)
        by_account = _sum_by(moves, lambda m: m[0].account_id)
    else:
        chosen = reading.population(asked.where, asked.as_of)
        cohort = opening_cohort(reading, asked, asked.period, chosen)
        book = opening_ledger(reading, asked, asked.period, cohort)
        own = flows(book, asked.period, method="period_net", chosen=cohort)
        by_account = {f.account_id: f.expansion for f in own if f.expansion > 0}
        sources = sources_of(book, by_account)
    value = total(by_account.values())
    return Result(
        value=value,
        components={"value": value, "by_account": by_account},
        cuts=[Cut(k, v, 1, {"value": v}) for k, v in by_account.items()]
        if asked.by == "account"
        else (),
        n=len(by_account),
        rows=sources,
    )


def acv_growth(reading: Reading, asked: Asked) -> Result:
    """Growth of ARR per active account between the period's two ends, and over accounts present at both."""
    period = asked.period
    chosen = reading.population(asked.where, asked.as_of)
    try:
        book = opening_ledger(reading, asked, period, chosen)
    except MissingRate:
        if opening_cohort(reading, asked, period, chosen):
            raise
        return _no_base()
    parts, reasons = _acv(book, period, chosen)
    cuts = []
    if asked.by is not None:
        groups: dict[str, list[str]] = {}
        for account_id in chosen:
            word = reading.account_word(account_id, asked.by, period.opening_day)
            groups.setdefault(word, []).append(account_id)
        for key in sorted(groups):
            own, _ = _acv(book, period, groups[key])
            why: Reason | None = "undefined" if own["acv_growth"] is None else None
            cuts.append(Cut(key, own["acv_growth"], own["n_end"], own, why))
        name = f"acv_growth_by_{asked.by}"
        parts[name] = {cut.key: cut.value for cut in cuts}
        reasons |= {f"{name}.{cut.key}": cut.reason for cut in cuts if cut.reason is not None}
    value = parts["acv_growth"]
    return Result(
        value=value,
        components=parts,
        unknown="undefined" if value is None else None,
        reasons=reasons,
        cuts=cuts,
        n=parts["n_end"],
        rows=sources_of(book, sorted(chosen)),
    )


def _no_base() -> Result:
    """Nobody to start from, and no rate of that day for those who came later."""
    why: dict[str, Reason] = {"acv_start": "undefined", "acv_growth": "undefined"}
    why |= {"acv_growth_like_for_like": "undefined", "acv_end": "no_data", "n_end": "no_data"}
    components = dict.fromkeys(why) | {"n_start": 0, "n_both": 0}
    return Result(value=None, components=components, unknown="undefined", reasons=why, n=0)


def _acv(
    book: Ledger, period: Period, chosen: Iterable[str]
) -> tuple[dict[str, Any], dict[str, Reason]]:
    start = {a: b for a in chosen if (b := book.balance(a, period.opening_day)) > 0}
    end = {a: b for a in chosen if (b := book.balance(a, period.last_day)) > 0}
    both = start.keys() & end.keys()
    acv_start, acv_end = _mean(start), _mean(end)
    like_start, like_end = _mean({a: start[a] for a in both}), _mean({a: end[a] for a in both})
    parts: dict[str, Any] = {
        "acv_start": acv_start,
        "acv_end": acv_end,
        "acv_growth": _growth(acv_start, acv_end),
        "acv_growth_like_for_like": _growth(like_start, like_end),
        "n_start": len(start),
        "n_end": len(end),
        "n_both": len(both),
    }
    return parts, {name: "undefined" for name, part in parts.items() if part is None}


def _mean(balances: Mapping[str, Decimal]) -> Decimal | None:
    return total(balances.values()) / len(balances) if balances else None


def _growth(start: Decimal | None, end: Decimal | None) -> float | None:
    if start is None or end is None:
        return None
    return ratio(end - start, start)
