"""The takes of a mapped file as SQL over its stage: where a value comes from and how it is turned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from tenure.facts.calculations import calculated
from tenure.facts.checks.words import squeezed, squeezed_sql
from tenure.facts.conditions import meets
from tenure.facts.conversions import constant, converted
from tenure.facts.mapping import Lookup, MappedFile, Take, Words, as_take
from tenure.facts.reading import Reading
from tenure.facts.sources.stage import Staged
from tenure.facts.sql import literal
from tenure.facts.supply import Supply, absent, header_meant, plain

NOTHING = "null::varchar"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a take stands on: the staged file, its declaration, how it is read, and where values are found.

    `zone` is the workspace's time zone. `found` gives the table (k, v, answers) of a lookup. `values` holds
    what the stage has as columns beside the file's own, by name; None where a column is absent.
    """

    staged: Staged
    file: MappedFile
    reading: Reading
    zone: str
    found: Callable[[Lookup], str]
    values: dict[str, Supply | None] = field(default_factory=dict)

    def header(self, name: str) -> str | None:
        """The header that the declaration means by `name`."""
        return header_meant(self.staged.headers, name)

    def lacks(self, name: str) -> bool:
        """Whether neither a value nor a column is called so."""
        return name not in self.file.values and self.header(name) is None


class Takes:
    """Takes that are read together; `source` grows with the lookups they need."""

    def __init__(self, ground: Ground) -> None:
        """Start from the stage."""
        self.ground, self._purpose = ground, ""
        self._joins: list[str] = []

    @property
    def source(self) -> str:
        """The stage and the lookups joined to it, for `from`."""
        return " ".join([f"{self.ground.staged.table} s", *self._joins])

    def supply(self, take: Take, why: str) -> Supply | None:
        """The value of `take`; None where a column it is made of is absent and may be.

        `why` says in an error what the column is for.

        Raises:
            Stopped: `column.missing`, when a column is absent that may not be.
        """
        self._purpose = why
        return self._made(take)

    def condition(self, only: Words, unless: Words) -> str:
        """SQL that holds for the rows to take, and is never null."""
        self._purpose = "by which the mapping chooses rows"
        parts = [self._holds(only)] if only else []
        parts += [f"not {self._holds(unless)}"] if unless else []
        return " and ".join(parts) or "true"

    def _holds(self, words: Words) -> str:
        parts = [
            meets(self._text(name), accepted, self.ground.reading)
            for name, accepted in words.items()
        ]
        return "(" + " and ".join(parts) + ")"

    def _text(self, name: str) -> str:
        supply = self._named(name)
        return NOTHING if supply is None else supply.text

    def _named(self, name: str) -> Supply | None:
        """The value or column called `name`; None where it is absent and may be."""
        ground = self.ground
        if name in ground.file.values:
            return ground.values[name]
        header = ground.header(name)
        if header is not None:
            return plain(ground.staged, header, ground.reading)
        if ground.file.may_lack(name):
            return None
        raise absent(ground.staged, name, self._purpose)

    def _made(self, take: Take) -> Supply | None:
        base = self._base(take)
        if base is None:
            return None
        text = _in_our_words(base.text, take.words)
        text = converted(
            text, take.convert, reading=self.ground.reading, zone=self.ground.zone,
            currency=self._currency(take),
        )  # fmt: skip
        made = replace(base, text=text)
        if take.lookup is not None:
            made = self._looked_up(made, take.lookup)
        if take.prefix:
            made = replace(made, text=f"{literal(take.prefix)} || {made.text}")
        if take.when:
            holds, otherwise = self._holds(take.when), constant(take.otherwise)
            text = f"case when {holds} then {made.text} else {otherwise} end"
            made = replace(made, text=text, lost=f"({holds} and {made.lost})")
        return made

    def _looked_up(self, key: Supply, lookup: Lookup) -> Supply:
        """What stands at the key; lost where it is not there, or stands there with two answers."""
        alias = f"found_{len(self._joins)}"
        table = self.ground.found(lookup)
        self._joins.append(f"left join {table} {alias} on {alias}.k = {key.text}")
        missed = "false" if lookup.may_miss else "true"
        lost = f"({key.text} is not null and coalesce({alias}.answers > 1, {missed}))"
        return replace(key, text=f"{alias}.v", key_text=key.text, lookup=lookup, lost=lost)

    def _base(self, take: Take) -> Supply | None:
        """What a take starts from; a calculation is None where nothing it could use is there."""
        if take.column:
            return self._named(take.column)
        if not take.calc:
            return Supply(constant(take.constant), NOTHING, "(constant)")
        parts = [self._made(as_take(part)) for part in self._operands(take)]
        there = [part for part in parts if part is not None]
        passes_over = take.calc in ("first", "text")
        if not there or (not passes_over and take.calc != "earliest" and parts[0] is None):
            return None
        used = there if passes_over else parts
        texts = [NOTHING if part is None else part.text for part in used]
        shown = next((part for part in there if part.position is not None), there[0])
        text = calculated(take.calc, texts, self.ground.reading)
        looked = [part for part in there if part.lookup is not None]
        if not looked:
            return replace(shown, text=text)
        lost = " or ".join(part.lost for part in looked)
        told = next((p for p in looked if p.lookup and not p.lookup.may_miss), looked[-1])
        return replace(
            shown, text=text, key_text=told.key_text, lookup=told.lookup,
            lost=f"({text} is null and ({lost}))",
        )  # fmt: skip

    def _operands(self, take: Take) -> list[str | Take]:
        """The values of a calculation; of alternatives, those whose column is absent are passed over."""
        if take.calc != "first":
            return list(take.of)
        there = [part for part in take.of if not self._is_absent(as_take(part))]
        return there or list(take.of)

    def _is_absent(self, take: Take) -> bool:
        return bool(take.column) and self.ground.lacks(take.column)

    def _currency(self, take: Take) -> str:
        """The column's text, or the code itself."""
        name = take.currency
        if len(name) == 3 and name.isupper() and self.ground.lacks(name):
            return literal(name)
        return self._text(name) if name else NOTHING


def _in_our_words(text: str, words: Mapping[str, str]) -> str:
    if not words:
        return text
    cases = " ".join(
        f"when {literal(squeezed(word))} then {literal(ours or None)}"
        for word, ours in words.items()
    )
    return f"case {squeezed_sql(text)} {cases} else {text} end"
