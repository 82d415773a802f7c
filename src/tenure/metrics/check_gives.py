"""The checks of an answer's parts: what `gives`, `whole`, `components`, `cut_columns` and the lines say of each other."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from tenure.kernel.errors import DeclarationError, UnknownName
from tenure.metrics.check import Place, known
from tenure.metrics.declaration import Metric
from tenure.metrics.derived.tier import columns_of
from tenure.metrics.expressions import OVER_MEASURES, names_in, parse
from tenure.metrics.gives import Part, read_part
from tenure.metrics.kinds import NUMBERS, Kind, Kinds

OF_ACCOUNTS = ("accounts", "share", "count", "mean", "median", "sum", "zone")
"""Parts that look at accounts one by one; they need a metric that does."""
HEADLINES = ("share", "count", "mean", "median", "sum", "over_all")


def check_parts(metric: Metric, names: Mapping[str, Kind], value: Kind, place: Place) -> None:
    """Raise what is wrong with the parts of a plain metric's answer.

    Args:
        metric: the metric, its measures and values checked already.
        names: the kind of everything its parts may name.
        value: the kind of its value.
        place: `file:line` of a key.

    Raises:
        DeclarationError: the first thing that does not hold together.
    """
    if metric.whole:
        _check_whole(metric, names, place)
    for name, text in metric.gives.items():
        where = place("gives", name)
        _check_part(metric, read_part(text, where=where), text, names, where)
    _check_components(metric, place)
    _check_cut_columns(metric, place)
    check_lines(metric, value, place)


def _check_whole(metric: Metric, names: Mapping[str, Kind], place: Place) -> None:
    where = place("whole")
    if not metric.per:
        raise DeclarationError(
            "`whole` is the headline of a metric per account, and this is none.",
            where=where,
            remedy='Add per = "account", or leave `whole` out.',
            code="declaration.whole",
        )
    part = read_part(metric.whole, where=where)
    if part.kind not in HEADLINES or part.names:
        raise DeclarationError(
            f"`{metric.whole}` is a list or a map, and a headline is one number.",
            where=where,
            remedy="Write share, count, mean, median or sum of the accounts, or EXPRESSION over all.",
            code="declaration.whole",
        )
    _check_part(metric, part, metric.whole, names, where)


def _check_part(
    metric: Metric, part: Part, text: str, names: Mapping[str, Kind], where: str
) -> None:
    if part.kind in OF_ACCOUNTS and not metric.per:
        raise DeclarationError(
            f"`{text}` looks at accounts one by one, and the metric adds them up.",
            where=where,
            remedy='Add per = "account", or write EXPRESSION over all.',
            code="gives.per",
        )
    if part.kind == "per_column":
        _check_per_column(metric, part, where)
        return
    if part.names:
        for one in part.names:
            known("measure or value", one, names, where)
        named: frozenset[str] = frozenset(part.names)
    else:
        tree = parse(part.expression, names, where=where, allowed=OVER_MEASURES)
        _check_kind(part, tree, Kinds(names, where=where))
        named = names_in(part.expression)
    if part.kind == "over_all":
        _check_adds_up(metric, named, where)


def _check_kind(part: Part, tree: exp.Expr, kinds: Kinds) -> None:
    if part.kind in ("accounts", "share", "count"):
        kinds.need(tree, ("truth",), "a condition")
    elif part.kind in ("mean", "median", "sum", "zone"):
        kinds.need(tree, NUMBERS, "a number")
    else:
        kinds.of(tree)


def _check_adds_up(metric: Metric, named: frozenset[str], where: str) -> None:
    """The latest of each account has no sum, and nothing has an account's start but the account."""
    inside = {"value": metric.value, **metric.values}
    while more := {n for name in named & inside.keys() for n in names_in(inside[name])} - named:
        named |= more
    alone = {n for n, m in metric.measures.items() if m.aggregate == "latest"} | {"account_start"}
    if found := sorted(named & alone):
        raise DeclarationError(
            f"`{found[0]}` is known account by account and cannot be taken over all of them.",
            where=where,
            remedy="Write mean of ... over accounts, or count of accounts where ...",
            code="gives.per",
        )


def _check_per_column(metric: Metric, part: Part, where: str) -> None:
    known("measure", part.expression, metric.measures, where)
    measure = metric.measures[part.expression]
    known(f"column of {measure.from_}", part.column, columns_of(measure.from_), where)
    if measure.convert or measure.aggregate == "latest":
        raise DeclarationError(
            f"`{part.expression}` cannot be given per column: "
            + ("its money is of several currencies." if measure.convert else "it is the latest."),
            where=where,
            remedy="Give it per account, or over all.",
            code="gives.per",
        )


def _check_components(metric: Metric, place: Place) -> None:
    """Every part of the answer is said to be something, and everything said is given."""
    given = set(metric.gives) or set(metric.measures)
    for name in metric.components:
        if name not in given:
            near = UnknownName("part in `gives`", name, given)
            raise DeclarationError(
                f"The part `{name}` is described, but nothing gives it.",
                where=place("components", name),
                remedy=f'{near.remedy} Or add {name} = "..." to [gives].',
                code="declaration.components",
            )
    for name in metric.gives:
        if name not in metric.components:
            raise DeclarationError(
                f"The part `{name}` is given, but not described.",
                where=place("gives", name),
                remedy=f'Add {name} = "what it is" to [components].',
                code="declaration.components",
            )


def _check_cut_columns(metric: Metric, place: Place) -> None:
    for cut, column in metric.cut_columns.items():
        where = place("cut_columns", cut)
        if metric.per:
            raise DeclarationError(
                "`cut_columns` goes by a column of the rows, and the metric goes account by account.",
                where=where,
                remedy='Leave per = "account" out, or cut by a column of accounts.',
                code="declaration.cut",
            )
        for name, measure in metric.measures.items():
            known(f"column of {measure.from_}", column, columns_of(measure.from_), where)
            if measure.convert:
                raise DeclarationError(
                    f"`{name}` is money of several currencies and cannot be cut by `{column}`.",
                    where=where,
                    remedy="Cut it by a column of accounts.",
                    code="declaration.cut",
                )


def check_lines(metric: Metric, value: Kind, place: Place) -> None:
    """A line on the value needs a number, and zones per account need lines that hold for everybody.

    Raises:
        DeclarationError: one does not.
    """
    on_value = [number for number, line in enumerate(metric.thresholds) if not line.on]
    has_zones = any(read_part(text, where="").kind == "zone" for text in metric.gives.values())
    if has_zones:
        for number in on_value:
            if metric.thresholds[number].segment:
                raise DeclarationError(
                    "A zone per account is told by lines that hold for every account, and this one is for "
                    f"`{metric.thresholds[number].segment}` only.",
                    where=place("thresholds", number, "segment"),
                    remedy="Leave `segment` out, or say with `on` what the line is drawn on.",
                    code="threshold.segment",
                )
    if has_zones and not on_value:
        raise DeclarationError(
            "There are no lines to tell zones by.",
            where=place("gives"),
            remedy="Add [[thresholds]] with zone, op, value and origin.",
            code="threshold.none",
        )
    if on_value and not metric.whole and value not in NUMBERS:
        raise DeclarationError(
            "A line is drawn on a number, and the value is none.",
            where=place("thresholds", on_value[0]),
            remedy="Say with `on` which part it is drawn on, or make the value a number.",
            code="threshold.value",
        )
