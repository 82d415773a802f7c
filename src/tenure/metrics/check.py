"""What a metric's declaration must hold together, checked when it is loaded, ours and a customer's alike.

An error names the file and line, the key, the offending word, and the nearest that would do. Measures and
expressions are looked at in `check_measures`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any

from tenure.facts.table import table, tables
from tenure.kernel.errors import DeclarationError, UnknownName, UserError
from tenure.kernel.settings import BUSINESS_MODELS
from tenure.metrics.declaration import Metric, Parameter
from tenure.metrics.rankings import refuse_rankings

CUTS = ("account", "csm", "cohort", "quarter")
"""Cuts of any plain metric beside the accounts' own columns."""
TAKEN = (
    "id", "start", "end", "period", "as_of", "as_known_on", "by", "where", "reporting_currency",
    "on_day", "period_start", "period_end", "account_start", "value",
)  # fmt: skip
"""Names that a parameter, measure or value cannot have: a question or an expression means something else by them."""
Place = Callable[..., str]


def check(metric: Metric, place: Place, *, shipped: Collection[Metric] = ()) -> None:
    """Raise what is wrong with the declaration.

    Args:
        metric: as it was loaded.
        place: `place("measures", "people", "where")` is the `file:line` of that key.
        shipped: our own metrics, which know what each `answer` takes.

    Raises:
        DeclarationError: the first thing that does not hold together.
    """
    _check_header(metric, place)
    _check_parameters(metric, place)
    _check_short_names(metric, place)
    if metric.answer:
        _check_answer(metric, place, shipped)
    else:
        _refuse_over(metric, place)
        _check_cuts(metric, place)
        from tenure.metrics.check_measures import check_plain  # loads the SQL parser

        check_plain(metric, place)
    refuse_rankings(metric, place)


def known(kind: str, name: str, valid: Iterable[str], where: str) -> None:
    """Refuse a name that is not one of `valid`, with the nearest.

    Raises:
        DeclarationError: it is not.
    """
    valid = list(valid)
    if name not in valid:
        unknown = UnknownName(kind, name, valid)
        raise DeclarationError(
            unknown.what,
            where=where,
            remedy=unknown.remedy if valid else "There is none to name.",
            code="declaration.name",
        )


def _check_header(metric: Metric, place: Place) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", metric.id):
        proper = re.sub(r"[^a-z0-9]+", "_", metric.id.lower()).strip("_") or "my_metric"
        raise DeclarationError(
            f"`{metric.id}` cannot be the name of a metric: only a to z, 0 to 9 and _ can.",
            where=place(),
            remedy=f"Rename the file, for example to `{proper}.toml`.",
            code="declaration.id",
        )
    for key in ("title", "says"):
        if not getattr(metric, key).strip():
            raise DeclarationError(
                f"`{key}` is empty.",
                where=place(key),
                remedy="Say in a few words what the number is: people will read it.",
                code="declaration.value",
            )
    for key in ("needs", "reads"):
        for number, need in enumerate(getattr(metric, key)):
            for name in need.split(" or "):
                known("table", name, tables(), place(key, number))
    for number, model in enumerate(metric.models):
        known("business model", model, BUSINESS_MODELS, place("models", number))


def _check_parameters(metric: Metric, place: Place) -> None:
    for name, parameter in metric.parameters.items():
        if name in TAKEN or not name.isidentifier():
            raise DeclarationError(
                f"A parameter cannot be called `{name}`: "
                + ("every question has one." if name in TAKEN else "it is no single word."),
                where=place("parameters", name),
                remedy="Give it another name, such as `threshold_days`.",
                code="declaration.parameter",
            )
        if parameter.type == "word" and not parameter.choices:
            raise DeclarationError(
                f"The parameter `{name}` is a word, but no words are allowed.",
                where=place("parameters", name),
                remedy='Add choices = ["...", "..."].',
                code="declaration.parameter",
            )
        if parameter.default is not None:
            fitting(name, parameter, parameter.default, where=place("parameters", name, "default"))


def fitting(name: str, parameter: Parameter, value: Any, *, where: str) -> Any:
    """A declared default as the parameter's type.

    Raises:
        DeclarationError: it does not fit.
    """
    from tenure.metrics.questions import parameter_value  # questions reads declarations

    try:
        return parameter_value(name, parameter, value)
    except UserError as error:
        raise DeclarationError(
            f"The default of `{name}` does not fit: {error.what}",
            where=where,
            remedy=error.remedy,
            code="declaration.parameter",
        ) from error


def _check_short_names(metric: Metric, place: Place) -> None:
    for short, preset in metric.short.items():
        for key, value in preset.items():
            where = place("short", short, key)
            known("parameter", key, [*metric.parameters, "by", "component"], where)
            if key == "by":
                known("cut", str(value), metric.cuts, where)
            elif key == "component":
                parts = [p for view in metric.view_components.values() for p in view]
                known("part", str(value), [*metric.components, *parts], where)
            else:
                fitting(key, metric.parameters[key], value, where=where)


def _check_cuts(metric: Metric, place: Place) -> None:
    """A plain metric is cut by account columns, or by a column of its rows that `cut_columns` names."""
    for number, cut in enumerate(metric.cuts):
        if cut in metric.cut_columns:
            continue
        known("cut", cut, [*CUTS, *table("accounts").columns], place("cuts", number))
        if cut in ("cohort", "quarter") and "renewal_grace_days" not in metric.parameters:
            raise DeclarationError(
                f"The cut `{cut}` goes by when an account began to pay, which rests on "
                "`renewal_grace_days`.",
                where=place("cuts", number),
                remedy="Add [parameters.renewal_grace_days] as arr_in_force has it, or leave the cut out.",
                code="declaration.cut",
            )
    for cut in metric.cut_columns:
        known("cut", cut, metric.cuts, place("cut_columns", cut))


def _refuse_over(metric: Metric, place: Place) -> None:
    if metric.answer_over:
        raise DeclarationError(
            "The metric has `answer_over`, and no `answer` that it would be the same as.",
            where=place("answer_over"),
            remedy="Take `answer_over` out: a history of measures needs none.",
            code="declaration.answer",
        )


def _check_answer(metric: Metric, place: Place, shipped: Collection[Metric]) -> None:
    """An own metric may take one of our answers, with everything that answer reads."""
    if not shipped:
        return
    known("answer", metric.answer, {m.answer for m in shipped if m.answer}, place("answer"))
    like = next(m for m in shipped if m.answer == metric.answer)
    for key in ("needs", "parameters", "components", "view_components"):
        for name in getattr(like, key):
            if name not in getattr(metric, key):
                raise DeclarationError(
                    f"`{metric.answer}` answers with the {key} of `{like.id}`, and `{name}` is missing.",
                    where=place(key),
                    remedy=f"Copy it from `tenure metrics {like.id}`.",
                    code="declaration.answer_parts",
                )
    if metric.answer_over:
        both = {m.answer_over for m in shipped if m.answer == metric.answer and m.answer_over}
        known("answer over many days", metric.answer_over, both, place("answer_over"))
    for number, cut in enumerate(metric.cuts):
        known("cut", cut, like.cuts, place("cuts", number))
    if (metric.period == "none") != (like.period == "none"):
        raise DeclarationError(
            f"`{metric.answer}` needs the period of `{like.id}`, `{like.period}`.",
            where=place("period"),
            remedy=f'Write period = "{like.period}".',
            code="declaration.answer_parts",
        )
