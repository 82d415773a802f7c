"""Which program or web site is which kind of work, as declared; nobody's list is right for everybody."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from tenure.facts.checks.words import squeezed
from tenure.facts.table import table
from tenure.facts.time_entries.totals import UNCATEGORISED
from tenure.kernel.declare import load, read
from tenure.kernel.errors import DeclarationError

OWN_FILE = "time_categories.toml"


@dataclass(frozen=True, slots=True)
class Words:
    """The programs and web sites of one kind of work."""

    apps: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Categories:
    """One file of words; `browsers` are programs whose time is told by the site shown."""

    browsers: tuple[str, ...] = ()
    customer_facing: Words = field(default_factory=Words)
    internal: Words = field(default_factory=Words)
    support_tickets: Words = field(default_factory=Words)
    qbr_prep: Words = field(default_factory=Words)
    uncategorised: Words = field(default_factory=Words)


@dataclass(frozen=True, slots=True)
class Classifier:
    """Programs and domains by name, as compared, with their kind of work."""

    apps: dict[str, str]
    domains: dict[str, str]
    browsers: frozenset[str]

    def of_app(self, app: str) -> str:
        """The kind of work that the program stands for, or uncategorised."""
        return self.apps.get(_plain(app), UNCATEGORISED)

    def of_host(self, host: str) -> str:
        """The kind of work that the web site stands for, by its longest declared ending."""
        labels = host.lower().rstrip(".").split(".")
        tails = (".".join(labels[i:]) for i in range(len(labels)))
        return next((self.domains[t] for t in tails if t in self.domains), UNCATEGORISED)

    def knows_app(self, app: str) -> bool:
        """Whether some list names the program."""
        return _plain(app) in self.apps

    def is_browser(self, app: str) -> bool:
        """Whether the program shows web sites."""
        return _plain(app) in self.browsers


def classifier(own: Path | None = None) -> Classifier:
    """The shipped words, and before them those of the file `own` if there is one.

    Raises:
        DeclarationError: the file does not load, or puts one name under two kinds of work.
    """
    name = "facts/time_entries/categories.toml"
    text = (resources.files("tenure.facts.time_entries") / "categories.toml").read_text("utf-8")
    found = _indexed(read(Categories, text, name=name, id="categories"), name)
    if own is None or not own.is_file():
        return found
    mine = _indexed(load(Categories, own), own.name)
    return Classifier(
        found.apps | mine.apps, found.domains | mine.domains, found.browsers | mine.browsers
    )


def _indexed(declared: Categories, name: str) -> Classifier:
    apps: dict[str, str] = {}
    domains: dict[str, str] = {}
    for kind in kinds():
        words: Words = getattr(declared, kind)
        for place, named in (
            (apps, map(_plain, words.apps)),
            (domains, (d.lower().removeprefix("www.") for d in words.domains)),
        ):
            for one in named:
                if place.setdefault(one, kind) != kind:
                    raise DeclarationError(
                        f"`{one}` stands under `{place[one]}` and under `{kind}`.", where=name,
                        remedy="Leave it under one of them.",
                    )  # fmt: skip
    return Classifier(apps, domains, frozenset(map(_plain, declared.browsers)))


def kinds() -> tuple[str, ...]:
    """The kinds of work there are."""
    return tuple(table("time_totals").columns["category"].words)


def kind_named(word: str) -> str | None:
    """The kind of work that `word` is a spelling of, or None."""
    for kind, spellings in table("time_totals").columns["category"].words.items():
        if squeezed(word) in {squeezed(spelling) for spelling in (kind, *spellings)}:
            return kind
    return None


def _plain(app: str) -> str:
    return squeezed(re.sub(r"\.exe$", "", app.strip().lower()))
