"""What of a row of people's time may be kept: ids that are ids, and the declared kinds of work."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tenure.facts.known import Known
from tenure.facts.not_stored import kind_like
from tenure.facts.time_entries.categories import kind_named
from tenure.facts.time_entries.totals import UNCATEGORISED

_ID = re.compile(r"[\w.@:+-]{1,64}")


@dataclass(slots=True)
class Sieve:
    """Lets through what is known (`people`, `accounts`: ids) or cannot be content; counts the rest.

    By file, `words` counts rows whose kind of work was dropped, `without_account` those whose account was.
    """

    people: set[str]
    accounts: set[str]
    words: Counter[str] = field(default_factory=Counter)
    without_account: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, connection: Any, known: Known) -> Sieve:
        """A sieve that lets the ids through that the lake knows."""
        return cls(
            _ids(connection, known, "team_members", "user_id"),
            _ids(connection, known, "accounts", "account_id"),
        )

    def is_person(self, text: str) -> bool:
        """Whether `text` can be somebody's id: no name with blanks, no address of a page."""
        if text in self.people:
            return True
        return bool(_ID.fullmatch(text)) and kind_like(text) in (None, "people")

    def account(self, text: str | None, file: str) -> str:
        """The account, or nothing where the text cannot be an account's id."""
        if not text:
            return ""
        if text in self.accounts or (_ID.fullmatch(text) and kind_like(text) is None):
            return text
        self.without_account[file] += 1
        return ""

    def category(self, text: str | None, file: str) -> str:
        """The declared kind of work; any other word counts as uncategorised and is gone."""
        kind = kind_named(text) if text else UNCATEGORISED
        self.words[file] += kind is None
        return kind or UNCATEGORISED


def _ids(connection: Any, known: Known, table: str, column: str) -> set[str]:
    relation = known.relation(connection, table, [column])
    if relation is None:
        return set()
    return {row[0] for row in connection.execute(f"select {column} from {relation}").fetchall()}
