"""Which accounts may be one customer, and what speaks for it and against it. Suggestions only: a person decides.

Pairs are looked for where something strong is shared: an id in each other's `external_ids`, the domain of their people's
addresses, or the name without its legal form. What speaks against a pair lowers it, and is always shown.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Literal

LEGAL_FORMS = frozenset(
    (
        "ab", "ag", "aps", "as", "asa", "bv", "co", "company", "corp", "corporation", "eg", "ev", "gmbh",
        "group", "holding", "inc", "incorporated", "kg", "kgaa", "kk", "limited", "llc", "llp", "lp", "ltd",
        "mbh", "nv", "oy", "oyj", "plc", "pllc", "pte", "pty", "sa", "sarl", "sas", "sau", "se", "sl", "spa",
        "srl", "sro", "ug", "und",
    )
)  # fmt: skip
"""Words at the end of a name that tell what a company is, not which."""
FREE_MAIL = frozenset(
    (
        "163.com", "aol.com", "free.fr", "gmail.com", "gmx.com", "gmx.de", "gmx.net", "googlemail.com",
        "hotmail.com", "icloud.com", "live.com", "mac.com", "mail.com", "mail.ru", "me.com", "msn.com",
        "orange.fr", "outlook.com", "proton.me", "protonmail.com", "qq.com", "t-online.de", "web.de",
        "yahoo.co.uk", "yahoo.com",
    )
)  # fmt: skip
"""Domains of people, not of companies."""
MOST_SHARING = 4
"""A domain or name that more accounts share tells of an agency or a chain, and not of two of them."""
NEEDED = 2
LIKELY = 5
"""Points from which a pair is shown, and from which it is called likely."""

Weight = Literal["for", "against"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One account with what tells it apart. `domains` are of its people's addresses, `spans` its contracts' days.

    A span is its first day and the first day after (None: no end); `external` maps a system to its id there.
    """

    account_id: str
    name: str
    sources: frozenset[str] = frozenset()
    currency: str = ""
    country: str = ""
    above: str = ""
    external: tuple[tuple[str, str], ...] = ()
    domains: frozenset[str] = frozenset()
    addresses: int = 0
    spans: tuple[tuple[date, date | None], ...] = ()
    owner_id: str = ""
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for a pair or against it, as a sentence without a full stop, with its points."""

    says: str
    points: int

    @property
    def weight(self) -> Weight:
        """Whether it speaks for the pair or against it."""
        return "for" if self.points > 0 else "against"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two accounts that may be one customer. `kept_id` is the one that tells more, and would stay.

    `is_likely`: what speaks for it outweighs by far; else it is worth a look.
    """

    other_id: str
    kept_id: str
    evidence: tuple[Evidence, ...]

    @property
    def points(self) -> int:
        """What speaks for it less what speaks against it."""
        return sum(one.points for one in self.evidence)

    @property
    def is_likely(self) -> bool:
        """Whether the evidence is strong."""
        return self.points >= LIKELY

    @property
    def pair(self) -> frozenset[str]:
        """Both ids."""
        return frozenset((self.other_id, self.kept_id))


def suggestions(candidates: Sequence[Candidate]) -> list[Suggestion]:
    """Pairs of accounts (each given once) that are worth a look, the strongest first, then by id."""
    by_id = {one.account_id: one for one in candidates}
    found = []
    for first, second in sorted(_pairs(candidates)):
        a, b = by_id[first], by_id[second]
        if first == b.above or second == a.above:
            continue  # a company and what belongs to it are two on purpose
        kept, other = sorted((a, b), key=_tells_more)
        told = tuple(evidence(other, kept))
        pair = Suggestion(other.account_id, kept.account_id, told)
        if pair.points >= NEEDED:
            found.append(pair)
    return sorted(found, key=lambda one: (-one.points, one.kept_id, one.other_id))


def evidence(other: Candidate, kept: Candidate) -> list[Evidence]:
    """What speaks for the two being one, then what speaks against it, each from the strongest."""
    told = [*_of_ids(other, kept), *_of_names(other, kept), *_of_domains(other, kept)]
    told += [*_of_places(other, kept), *_of_sources(other, kept), *_of_contracts(other, kept)]
    return sorted(told, key=lambda one: (one.points < 0, -abs(one.points)))


def plain_name(name: str) -> str:
    """The name as names are compared: no accents, signs, spaces or legal form; empty where nothing is left."""
    letters = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = re.findall(r"\w+", re.sub(r"(?<=\w)[.'’](?=\w)", "", bare))
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words.pop()
    return "".join(words)


def domain_of(address: str) -> str:
    """The domain of a company's address; empty where it is none, or one of people."""
    domain = address.strip().casefold().rpartition("@")[2] if "@" in address else ""
    return "" if domain in FREE_MAIL or "." not in domain else domain


def external_of(text: str | None) -> tuple[tuple[str, str], ...]:
    """The system -> id pairs that `external_ids` holds; nothing where it is not a JSON object."""
    try:
        said = json.loads(text or "{}")
    except ValueError:
        return ()
    if not isinstance(said, dict):
        return ()
    return tuple(sorted((str(k), str(v)) for k, v in said.items() if v not in (None, "")))


def _pairs(candidates: Sequence[Candidate]) -> set[tuple[str, str]]:
    """Pairs that share something strong, each in order of its ids."""
    shared: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in candidates:
        name = plain_name(one.name)
        keys = [("name", name)] if name else []
        keys += [("domain", domain) for domain in one.domains]
        keys += [("id", value) for _, value in one.external]
        for key in (*keys, ("id", one.account_id)):
            shared[key].add(one.account_id)
    found: set[tuple[str, str]] = set()
    for own in shared.values():
        if 1 < len(own) <= MOST_SHARING:
            found.update(combinations(sorted(own), 2))
    return found


def _tells_more(one: Candidate) -> tuple[bool, int, bool, date, str]:
    """The one that stays comes first: an owner, more contracts, people, the longer known."""
    return (
        not one.owner_id,
        -len(one.spans),
        not one.addresses,
        one.since or date.max,
        one.account_id,
    )


def _of_ids(other: Candidate, kept: Candidate) -> Iterable[Evidence]:
    for a, b in ((other, kept), (kept, other)):
        for system, value in a.external:
            if value == b.account_id:
                yield Evidence(f"`{a.account_id}` names `{value}` as its id in {system}", 6)
    for system, value in sorted(set(other.external) & set(kept.external)):
        yield Evidence(f"both have the id `{value}` in {system}", 6)
    named, other_named = dict(kept.external), dict(other.external)
    for system in sorted(named.keys() & other_named.keys()):
        if named[system] != other_named[system]:
            yield Evidence(
                f"{system} knows them as two: `{other_named[system]}` and `{named[system]}`", -4
            )


def _of_names(other: Candidate, kept: Candidate) -> Iterable[Evidence]:
    if plain_name(other.name) and plain_name(other.name) == plain_name(kept.name):
        same = other.name.strip() == kept.name.strip()
        how = "both are called" if same else "without legal form and signs both are called"
        yield Evidence(f"{how} {kept.name.strip()}", 3)


def _of_domains(other: Candidate, kept: Candidate) -> Iterable[Evidence]:
    shared = sorted(other.domains & kept.domains)
    if shared:
        yield Evidence(f"people of both write from {', '.join(shared[:3])}", 3)
    elif other.domains and kept.domains:
        yield Evidence(
            f"their people write from others: {min(other.domains)} and {min(kept.domains)}", -2
        )


def _of_places(other: Candidate, kept: Candidate) -> Iterable[Evidence]:
    for word, a, b in (
        ("country", other.country, kept.country),
        ("currency", other.currency, kept.currency),
    ):
        if a and b:
            same = a.casefold() == b.casefold()
            says = f"the same {word}, {b}" if same else f"another {word}: {a} and {b}"
            against = -2 if word == "country" else -1
            yield Evidence(says, 1 if same else against)


def _of_sources(other: Candidate, kept: Candidate) -> Iterable[Evidence]:
    if not other.sources or not kept.sources:
        return
    shared = sorted(other.sources & kept.sources)
    if shared:
        yield Evidence(f"one source, {shared[0]}, lists them as two", -1)
    else:
        yield Evidence(
            f"they come from two sources, {min(other.sources)} and {min(kept.sources)}", 1
        )


def _of_contracts(other: Candidate, kept: Candidate) -> Iterable[Evidence]:
    together = [
        (max(a[0], b[0]), min(a[1] or date.max, b[1] or date.max))
        for a in other.spans
        for b in kept.spans
        if a[0] < (b[1] or date.max) and b[0] < (a[1] or date.max)
    ]
    if together:
        first = min(start for start, _ in together)
        yield Evidence(f"contracts of both run at one time, from {first.isoformat()} on", -2)
    elif other.spans and kept.spans:
        yield Evidence("their contracts follow on each other", 1)


def by_account(rows: Iterable[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    """Values by account."""
    held: dict[str, set[str]] = defaultdict(set)
    for account, value in rows:
        if account and value:
            held[account].add(value)
    return {account: frozenset(own) for account, own in held.items()}
