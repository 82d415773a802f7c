"""What an expression of a metric is: a number, a day, a word, true or false; told before anything is run.

A condition that compares a word with a number, or a moment with a day, would fail in the middle of a question
or, worse, answer something. It is refused when the metric is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from sqlglot import exp

from tenure.facts.table import ColumnType
from tenure.kernel.errors import DeclarationError, UnknownName
from tenure.metrics.declaration import Measure, Parameter
from tenure.metrics.expressions import written

Kind = Literal["whole", "number", "text", "day", "moment", "truth", "list", "json", "nothing"]

OF_COLUMN: Final[Mapping[ColumnType, Kind]] = {
    "id": "text", "text": "text", "word": "text", "date": "day", "timestamp": "moment",
    "money": "number", "number": "number", "rate": "number", "int": "whole", "bool": "truth",
    "json": "json",
}  # fmt: skip
OF_PARAMETER: Final[Mapping[str, Kind]] = {
    "int": "whole", "number": "number", "word": "text", "text": "text", "bool": "truth",
}  # fmt: skip
WORDS: Final[Mapping[Kind, str]] = {
    "whole": "a whole number", "number": "a number", "text": "a word", "day": "a day",
    "moment": "a moment", "truth": "true or false", "list": "a list", "json": "JSON",
    "nothing": "nothing",
}  # fmt: skip
NUMBERS: Final = ("whole", "number")
ORDERED: Final = ("whole", "number", "text", "day", "moment")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")


def of_parameter(parameter: Parameter) -> Kind:
    """The kind of a parameter's value."""
    return OF_PARAMETER.get(parameter.type, "list")


def of_measure(measure: Measure, column: Kind) -> Kind:
    """The kind of a measure, from that of its `column`."""
    if measure.aggregate in ("count", "distinct"):
        return "whole"
    if measure.aggregate == "mean":
        return "number"
    if measure.aggregate in ("any", "list"):
        return "truth" if measure.aggregate == "any" else "list"
    return "number" if measure.convert else column


class Kinds:
    """The kinds of one expression's names, and the words its columns hold where they are known.

    Args:
        names: the kind of every column, measure, value and parameter the expression may name.
        where: `file:line`, for messages.
        words: for columns that hold declared words, those words.
    """

    def __init__(
        self,
        names: Mapping[str, Kind],
        *,
        where: str,
        words: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.names, self.where, self.words = names, where, words or {}

    def of(self, node: exp.Expr) -> Kind:
        """The kind of a checked tree.

        Raises:
            DeclarationError: its parts do not go together.
        """
        if isinstance(node, exp.Paren):
            return self.of(node.this)
        if isinstance(node, exp.Column):
            return self.names[node.name]
        if isinstance(node, exp.Literal):
            return "text" if node.is_string else "whole" if node.this.isdecimal() else "number"
        if isinstance(node, exp.Boolean):
            return "truth"
        if isinstance(node, exp.Null):
            return "nothing"
        if isinstance(node, exp.And | exp.Or | exp.Not):
            return self._logic(node)
        if isinstance(node, exp.Is):
            return self._is(node)
        if isinstance(
            node, exp.EQ | exp.NEQ | exp.GT | exp.GTE | exp.LT | exp.LTE | exp.In | exp.Between
        ):
            return self._comparison(node)
        if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Div):
            return self._arithmetic(node)
        return self._function(node)

    def need(self, node: exp.Expr, wanted: Sequence[Kind], says: str) -> Kind:
        """The kind of a tree that must be one of `wanted`."""
        kind = self.of(node)
        if kind not in (*wanted, "nothing"):
            raise self.wrong(
                f"`{written(node)}` is {WORDS[kind]}, and {says} is needed.",
                "Write a comparison, such as open_tickets > 3." if "truth" in wanted else "",
            )
        return kind

    def wrong(self, what: str, remedy: str = "") -> DeclarationError:
        """An expression whose parts do not go together."""
        return DeclarationError(
            what,
            where=self.where,
            remedy=remedy or "Compare and add only what is of one kind.",
            code="expression.kind",
        )

    def _logic(self, node: exp.Expr) -> Kind:
        for side in (node.this, node.args.get("expression")):
            if side is not None:
                self.need(side, ("truth",), "a condition")
        return "truth"

    def _is(self, node: exp.Expr) -> Kind:
        kind, other = self.of(node.this), node.args["expression"]
        if not isinstance(other, exp.Null) and kind != "truth":
            raise self.wrong(
                f"`{written(node)}` asks of {WORDS[kind]} whether it is {written(other)}.",
                "Write `is null`, `is not null`, or a comparison.",
            )
        return "truth"

    def _comparison(self, node: exp.Expr) -> Kind:
        if isinstance(node, exp.Between):
            sides = [node.this, node.args["low"], node.args["high"]]
        elif isinstance(node, exp.In):
            sides = [node.this, *node.expressions]
        else:
            sides = [node.this, node.args["expression"]]
        if len(sides) < 2:
            raise self.wrong(
                f"`{written(node)}` compares with nothing.", "Write at least one value in it."
            )
        family = self.alike(sides, written(node))
        equality = isinstance(node, exp.EQ | exp.NEQ | exp.In)
        if not equality and family not in (*ORDERED, "nothing"):
            raise self.wrong(f"`{written(node)}`: {WORDS[family]} is neither less nor more.")
        if equality:
            self._known_words(sides)
        return "truth"

    def alike(self, sides: Sequence[exp.Expr], whole: str) -> Kind:
        """The one kind of several sides; a day may be written as '2026-03-31'."""
        kinds = [(side, self.of(side)) for side in sides]
        found: Kind = "nothing"
        days = any(kind == "day" for _, kind in kinds)
        for side, kind in kinds:
            is_day = days and isinstance(side, exp.Literal) and _ISO.fullmatch(side.this)
            own: Kind = "day" if is_day else kind
            if own == "nothing" or own == found:
                continue
            if found in NUMBERS and own in NUMBERS:
                found = "number"
            elif found == "nothing":
                found = own
            else:
                raise self.wrong(
                    f"`{whole}` puts {WORDS[found]} beside {WORDS[own]}.", _advice(found, own, side)
                )
        if found in ("list", "json"):
            raise self.wrong(f"`{whole}`: {WORDS[found]} cannot be compared.")
        return found

    def _known_words(self, sides: Sequence[exp.Expr]) -> None:
        """A misspelled word of a column would match no row and look like 0."""
        for column in sides:
            if not isinstance(column, exp.Column) or column.name not in self.words:
                continue
            known = self.words[column.name]
            for side in sides:
                if isinstance(side, exp.Literal) and side.is_string and side.this not in known:
                    near = UnknownName(f"word of `{column.name}`", side.this, known)
                    if near.remedy.startswith("Did"):
                        raise DeclarationError(
                            near.what,
                            where=self.where,
                            remedy=f"{near.remedy} If your rows do hold it, write "
                            f"lower({column.name}) = {written(side).lower()}.",
                            code="expression.word",
                        )

    def _arithmetic(self, node: exp.Expr) -> Kind:
        left, right = self.of(node.this), self.of(node.args["expression"])
        if isinstance(node, exp.Sub) and (left, right) == ("day", "day"):
            return "whole"
        if isinstance(node, exp.Add | exp.Sub) and left == "day" and right in ("whole", "nothing"):
            return "day"
        for side, kind in ((node.this, left), (node.args["expression"], right)):
            if kind not in (*NUMBERS, "nothing"):
                raise self.wrong(
                    f"`{written(node)}` calculates with `{written(side)}`, which is {WORDS[kind]}.",
                    "Days go with whole numbers of days (day - 30) and with each other (day - day)."
                    if "day" in (left, right)
                    else "",
                )
        if isinstance(node, exp.Div):
            return "number"
        return "number" if "number" in (left, right) else "whole"

    def _function(self, node: exp.Expr) -> Kind:
        if isinstance(node, exp.Lower | exp.Trim):
            self.need(node.this, ("text",), "a word")
            return "text"
        if isinstance(node, exp.Coalesce | exp.Greatest | exp.Least):
            return self.alike([node.this, *node.expressions], written(node))
        if isinstance(node, exp.Case | exp.If):
            return self._choice(node)
        kind = self.need(node.this, NUMBERS, "a number")
        return "whole" if isinstance(node, exp.Ceil | exp.Floor) else kind

    def _choice(self, node: exp.Expr) -> Kind:
        branches = node.args["ifs"] if isinstance(node, exp.Case) else [node]
        if len(branches) != 1 or (isinstance(node, exp.Case) and node.this is not None):
            raise self.wrong(
                f"`{written(node)}` has several branches.", "Write if(condition, one, other)."
            )
        other = node.args.get("default") if isinstance(node, exp.Case) else node.args.get("false")
        self.need(branches[0].this, ("truth",), "a condition")
        sides = [branches[0].args["true"], *([other] if other is not None else [])]
        return self.alike(sides, written(node))


def _advice(one: Kind, other: Kind, side: exp.Expr) -> str:
    kinds = {one, other}
    if kinds == {"day", "moment"}:
        return 'A day has no time of day: say which days count with when, such as "created_at until as_of".'
    if kinds == {"day", "text"}:
        return f"Write a day as '2026-03-31', not {written(side)}."
    if kinds == {"truth", "text"} or kinds == {"truth", "whole"}:
        return "True and false are written without quotes; `is_x` alone and `not is_x` will do."
    if "text" in kinds:
        return "Words stand in 'single quotes', numbers without."
    return ""
