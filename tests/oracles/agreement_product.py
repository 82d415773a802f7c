"""Comparing an answer with what an oracle tells: counts and days exactly, ratios to 1e-9, reasons word for word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from math import isclose
from typing import Any

from oracles.product_reading import Facts
from oracles.programme import Outcomes, Registered, at_threshold, audit, last_acted, lines
from oracles.told import ANYTHING, Anything, Reason, Told

ABSENT = object()
NEAR = 1e-9


def disagreements(answer: Any, told: Told) -> list[str]:
    """One sentence per difference; parts the oracle does not name are not looked at."""
    reasons = dict(answer.reasons)
    if told.unknown == "no_data" and all(part is None for part in told.components.values()):
        return list(_nothing(answer, told))
    found = list(_headline(answer, told))
    for name, want in told.components.items():
        got = answer.components.get(name, ABSENT)
        if name in told.unordered:
            got, want = _sorted(got), _sorted(want)
        found += _differences(name, got, want, Reasons(told, reasons))
    return found


class Reasons:
    """What both sides give as reasons, and where a missing row is as good as an Unknown one."""

    def __init__(self, told: Told, said: dict[str, str]) -> None:
        self.told, self.said = told, said

    def differ(self, path: str) -> Iterator[str]:
        """A sentence where the reason is another one, or none at all."""
        wanted, said = self.told.reasons.get(path), self.said.get(path)
        if wanted is None:
            return
        if said not in words(wanted):
            yield f"{path}: Unknown ({said}), the oracle says Unknown ({' or '.join(words(wanted))})"

    def may_lack(self, path: str) -> bool:
        return path.split(".")[0] in self.told.optional


def words(reason: Reason) -> tuple[str, ...]:
    """One reason, or the several that hold at once."""
    return (reason,) if isinstance(reason, str) else reason


def _nothing(answer: Any, told: Told) -> Iterator[str]:
    """A table was never delivered: the whole is Unknown, or every row of its first part is."""
    if answer.value is not None:
        yield f"value: {answer.value!r}, though a table was never delivered"
    if answer.unknown == "no_data":
        return
    name = next(iter(told.components))
    rows = answer.components.get(name)
    if not isinstance(rows, dict) or any(row is not None for row in rows.values()):
        yield f"{name}: {rows!r} (unknown: {answer.unknown}), though a table was never delivered"
    elif any(answer.reasons.get(f"{name}.{key}") != "no_data" for key in rows):
        yield f"{name}: another reason than no_data, though a table was never delivered"


def _headline(answer: Any, told: Told) -> Iterator[str]:
    if isinstance(told.value, Anything):
        return
    if told.value is None and told.unknown is not None:
        if answer.value is not None or answer.unknown not in words(told.unknown):
            yield f"value: {answer.value!r} ({answer.unknown}), the oracle says {told.unknown}"
    elif not same(answer.value, told.value):
        yield f"value: {answer.value!r} ({answer.unknown}), the oracle says {shown(told.value)}"


def _differences(path: str, got: Any, want: Any, reasons: Reasons) -> Iterator[str]:
    if isinstance(want, Anything):
        return
    if want is None:
        if got is ABSENT and reasons.may_lack(path):
            return
        if got is not None:
            yield f"{path}: {got!r}, the oracle says Unknown ({reasons.told.reasons.get(path)})"
        else:
            yield from reasons.differ(path)
    elif got is ABSENT:
        if want not in (0, {}, []):
            yield f"{path}: absent, the oracle says {shown(want)}"
    elif isinstance(want, dict) and isinstance(got, dict):
        yield from _maps(path, got, want, reasons)
    elif isinstance(want, list) and isinstance(got, list | tuple):
        yield from _lists(path, list(got), want, reasons)
    elif not same(got, want):
        said = f" ({reasons.said.get(path)})" if got is None else ""
        yield f"{path}: {got!r}{said}, the oracle says {shown(want)}"


def _maps(path: str, got: dict[Any, Any], want: dict[Any, Any], reasons: Reasons) -> Iterator[str]:
    for key in sorted(got.keys() | want.keys(), key=str):
        if key in want:
            yield from _differences(f"{path}.{key}", got.get(key, ABSENT), want[key], reasons)
        elif path.count(".") == 0 and got[key] not in (0, None, {}, []):
            yield f"{path}.{key}: {got[key]!r}, the oracle has no such row"


def _lists(path: str, got: list[Any], want: list[Any], reasons: Reasons) -> Iterator[str]:
    if len(got) != len(want):
        yield f"{path}: {got!r}, the oracle has {want!r}"
        return
    for place, (one, other) in enumerate(zip(got, want, strict=True)):
        yield from _differences(f"{path}.{place}", one, other, reasons)


def same(got: Any, want: Any) -> bool:
    """Equal where it can be written down; a quotient or a root to nine digits; a day also as ISO text."""
    if want is None or got is None or isinstance(want, bool) or isinstance(got, bool):
        return want is got
    if isinstance(want, date):
        return str(got)[:10] == want.isoformat()
    if isinstance(want, str) or isinstance(got, str | date):
        return bool(got == want)
    if isinstance(want, float):
        return isclose(float(got), want, rel_tol=NEAR, abs_tol=1e-12)
    exact = Fraction(got) == Fraction(want)
    if isinstance(want, int):
        return exact
    return exact or isclose(float(got), float(want), rel_tol=NEAR, abs_tol=0.0)


def shown(want: Any) -> str:
    """A number as a person reads it."""
    return f"{want} = {float(want):.12g}" if isinstance(want, Fraction) else repr(want)


def _sorted(rows: Any) -> Any:
    """Rows of texts in one order, with the empty text for one that is not there."""
    if not isinstance(rows, list | tuple):
        return rows
    names = ("account_id", "date", "kind", "text")
    return sorted(({name: str(row.get(name) or "") for name in names} for row in rows), key=repr)


def audit_disagreements(
    answer: Any, facts: Facts, as_of: date, catalogue: Mapping[str, Any]
) -> list[str]:
    """The worksheet: what is declared is declared, what was acted on is on file, and the word follows from both."""
    found = []
    rows = answer.components["by_metric"]
    for metric in sorted(catalogue.keys() - rows.keys()):
        found.append(f"metric_audit: {metric} is not in it")
    for metric, row in rows.items():
        acted = last_acted(facts, metric, as_of)
        said = Registered(row["question"] or "none", row["has_threshold"], row["has_playbook"])
        expected = {"last_acted": acted, "decision": audit(said, acted, as_of)}
        if metric in catalogue:
            question = catalogue[metric].question
            expected["question"] = None if question == "none" else question
            expected["has_threshold"] = bool(catalogue[metric].thresholds)
            row = row | {"question": None if row["question"] == "none" else row["question"]}
        if acted is not None:
            expected["has_playbook"] = True
        for name, want in expected.items():
            if not same(row[name], want):
                found.append(
                    f"metric_audit.{metric}.{name}: {row[name]!r}, the oracle says {want!r}"
                )
    return found


def calibration_disagreements(
    ask: Callable[..., Any], outcomes: Outcomes, at_risk_when: str
) -> list[str]:
    """The three views: every line sorts as the oracle sorts, and the proposed one is as good as the best."""
    churned = [value for value in outcomes.churned.values() if value is not None]
    retained = [value for value in outcomes.retained.values() if value is not None]
    places = lines(churned + retained)
    best = max(at_threshold(outcomes, place, at_risk_when)["youden_j"] for place in places)
    answer = ask()
    counts = {"n_churned": len(churned), "n_retained": len(retained), "youden_j": best}
    found = disagreements(answer, Told(counts, value=ANYTHING))
    proposed = answer.components["proposed_threshold"]
    if proposed is None:
        return [*found, f"proposed_threshold: Unknown ({answer.reasons})"]
    reached = at_threshold(outcomes, Fraction(proposed), at_risk_when)["youden_j"]
    if not same(reached, best):
        found.append(f"proposed_threshold: {proposed} reaches {reached}, the best is {best}")
    for place in (places[len(places) // 3], places[-1]):
        told = Told(at_threshold(outcomes, place, at_risk_when), value=ANYTHING)
        for name, value in told.components.items():
            if value is None:
                told.lack(name, "undefined")
        shown_there = ask(view="at_threshold", threshold=float(place))
        found += [f"at {float(place)}: {one}" for one in disagreements(shown_there, told)]
    told = Told(
        {"n_accounts": len(churned), "by_account": dict(outcomes.churned)},
        value=sum(churned) / len(churned),
    )
    for name, value in outcomes.churned.items():
        if value is None:
            told.lack(f"by_account.{name}", ("no_data", "undefined", "too_little_history"))
    return found + [f"lookback: {one}" for one in disagreements(ask(view="lookback"), told)]
