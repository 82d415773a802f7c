"""Accounts that are one customer, behind the notebook's door: suggested with evidence, merged, taken back.

A merge changes no fact: it says how ids are read, from the next question on, for every day. Nothing merges by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from tenure.facts import matching
from tenure.facts.matching import Candidate, Evidence, Suggestion
from tenure.facts.sql import ident, literal
from tenure.kernel import clock
from tenure.kernel.errors import UnknownName, UserError
from tenure.lake import identities, journal
from tenure.lake.engines.current import CurrentRows
from tenure.lake.engines.duckdb import Engine
from tenure.lake.engines.same import columns_of, set_aside
from tenure.lake.identities import ACCOUNTS, NOTHING, Identity, Same
from tenure.metrics.compute import Computed, compute
from tenure.metrics.questions import Span, ask
from tenure.workspace.history import Door
from tenure.workspace.matched import Effect, Match, Named, Proposal, Rejection

REJECTED = "match.rejected"
MONEY = "arr_in_force"


class MatchingDoor(Door, Protocol):
    """What matching needs of a workspace."""

    pinned: int | None

    def matches(self) -> list[Match]:
        """Merges that hold."""
        ...

    def _as_one(self, same: Same) -> AbstractContextManager[Computed]: ...

    def _forget(self) -> None: ...


class WithMatching:
    """The part of a workspace that knows which accounts are one."""

    __slots__ = ()

    def to_match(self: MatchingDoor) -> list[Proposal]:
        """Pairs of accounts that may be one customer, the strongest evidence first; nothing is merged."""
        facts = self.facts()
        if ACCOUNTS not in facts.tables():
            return []
        held = identities.standing(_lines(self))
        rejected = {
            frozenset(identities.end_of(held, id_) for id_ in pair) for pair in _rejected(self)
        }
        key = ("to_match", self.snapshot.number)
        if key not in self._told:  # of all accounts of a large company it takes a second
            self._told[key] = matching.suggestions(_candidates(facts))
        found: list[Suggestion] = [one for one in self._told[key] if one.pair not in rejected]
        names = _named(facts.engine, {id_ for one in found for id_ in one.pair})
        return [
            Proposal(names[one.other_id], names[one.kept_id], one.evidence, one.is_likely)
            for one in found
        ]

    def matches(self: MatchingDoor) -> list[Match]:
        """Merges that hold, the newest first."""
        held = identities.standing(_lines(self))
        if not held:
            return []
        with _as_said(self) as engine:
            names = _named(engine, {i for m in held.values() for i in (m.other_id, m.kept_id)})
        found = [
            Match(
                names[m.other_id], names[m.kept_id], identities.end_of(held, m.other_id),
                m.by_said, m.why_said, m.entered_at, m.evidence,
            )
            for m in held.values()
        ]  # fmt: skip
        return sorted(found, key=lambda one: one.entered_at, reverse=True)

    def not_one(self: MatchingDoor) -> list[Rejection]:
        """Pairs that somebody said are two customers, the newest first."""
        said = _rejected(self)
        if not said:
            return []
        with _as_said(self) as engine:
            names = _named(engine, {id_ for pair in said for id_ in pair})
        found = []
        for pair, entry in said.items():
            first, second = (names[id_] for id_ in sorted(pair))
            found.append(Rejection(first, second, entry.by_said, entry.why_said, entry.entered_at))
        return sorted(found, key=lambda one: one.entered_at, reverse=True)

    def match_effect(self: MatchingDoor, other_id: str, kept_id: str) -> Effect:
        """What a merge would do to rows and to ARR today, without doing it.

        Raises:
            UnknownName: no such account. UserError: such a merge is refused.
        """
        held = _checked(self, other_id, kept_id)
        other_end, kept_end = (identities.end_of(held, id_) for id_ in (other_id, kept_id))
        tried = Identity(
            0,
            ACCOUNTS,
            "merged",
            other_id,
            kept_id,
            by_said="",
            why_said="",
            entered_at=clock.now(),
        )
        trial = identities.resolved(held | {other_id: tried})
        facts, day = self.facts(), self.defaults.today
        before, each = _money(self, self.computed(), day)
        with self._as_one({ACCOUNTS: trial}) as computed:
            after, merged = _money(self, computed, day)
        with _as_said(self) as engine:
            names = _named(engine, {other_id, kept_id})
        moved, aside = _rows_moved(facts.engine, other_end, kept_end)
        count = len(facts.rows(ACCOUNTS, ["account_id"]))
        return Effect(
            day=day,
            currency=self.settings.reporting_currency,
            other=names[other_id],
            kept=names[kept_id],
            other_arr=each.get(other_end),
            kept_arr=each.get(kept_end),
            merged_arr=merged.get(kept_end),
            total_before=before,
            total_after=after,
            accounts_before=count,
            accounts_after=count if other_end == kept_end else count - 1,
            moved=moved,
            set_aside=aside,
        )

    def match_evidence(self: MatchingDoor, other_id: str, kept_id: str) -> list[Evidence]:
        """What speaks for two accounts being one, then against it; nothing where one of them is merged already."""
        return _evidence(self.facts(), other_id, kept_id)

    def match(
        self: MatchingDoor, other_id: str, kept_id: str, *, by: str = "", why: str = ""
    ) -> Identity:
        """The merge: from now on all of `other_id` is read as of `kept_id`. Merged twice is merged once.

        Raises:
            UnknownName: no such account. UserError: itself, a circle, a company and its parent, or merged elsewhere.
        """
        _checked(self, other_id, kept_id)
        told = tuple(one.says for one in _evidence(self.facts(), other_id, kept_id))
        done = identities.merge(self.lake, other_id, kept_id, by=by, why=why.strip(), evidence=told)
        self._forget()
        return done

    def undo_match(self: MatchingDoor, other_id: str, *, by: str = "", why: str = "") -> Identity:
        """The merge of an account into another taken back: everything is as it was before.

        Raises:
            UserError: it is merged into none.
        """
        _check_newest(self)
        done = identities.undo(self.lake, other_id, by=by, why=why.strip())
        self._forget()
        return done

    def reject_match(
        self: MatchingDoor, first_id: str, second_id: str, *, by: str = "", why: str = ""
    ) -> None:
        """Say that two accounts are two customers: they are not suggested again.

        Raises:
            UnknownName: no such account. UserError: they are one id, or merged.
        """
        _checked(self, first_id, second_id)
        if any(
            {m.other.account_id, m.kept.account_id} == {first_id, second_id} for m in self.matches()
        ):
            raise UserError(
                f"`{first_id}` and `{second_id}` are merged.",
                remedy="Undo the merge first.",
                where="other",
                code="match.taken",
            )
        if frozenset((first_id, second_id)) not in _rejected(self):
            _say_rejected(self, first_id, second_id, by=by, why=why, holds=True)

    def suggest_match_again(
        self: MatchingDoor, first_id: str, second_id: str, *, by: str = "", why: str = ""
    ) -> None:
        """Take back that two accounts are two customers: they may be suggested again.

        Raises:
            UserError: nobody said so.
        """
        if frozenset((first_id, second_id)) not in _rejected(self):
            raise UserError(
                f"Nobody said that `{first_id}` and `{second_id}` are two customers.",
                remedy="Look again: somebody may have taken it back.",
                where="other",
                code="match.absent",
            )
        _say_rejected(self, first_id, second_id, by=by, why=why, holds=False)

    def read_as(self: MatchingDoor, account_id: str) -> str:
        """The account that an id is read as: itself, unless it is merged."""
        same = identities.same_in(self.lake, self.snapshot)
        return same.get(ACCOUNTS, {}).get(account_id, account_id)


def _lines(door: MatchingDoor) -> list[Identity]:
    state = door.snapshot.tables.get(identities.SHAPE.name)
    return [] if state is None else identities.every(door.lake, version=state.version)


@contextmanager
def _as_said(door: MatchingDoor) -> Iterator[Engine]:
    """The facts under the ids of their sources."""
    with Engine(door.lake, door.snapshot, same=NOTHING) as engine:
        yield engine


def _rejected(door: MatchingDoor) -> dict[frozenset[str], journal.Entry]:
    """Pairs that are not one, with who said so."""
    found: dict[frozenset[str], journal.Entry] = {}
    for entry in journal.entries(door.lake):
        if entry.kind == REJECTED:
            pair = frozenset(entry.content["ids"])
            found.pop(pair, None)
            if entry.content["holds"]:
                found[pair] = entry
    return found


def _say_rejected(
    door: MatchingDoor, first: str, second: str, *, by: str, why: str, holds: bool
) -> None:
    content = {"ids": sorted((first, second)), "holds": holds}
    about = " and ".join(sorted((first, second)))
    journal.enter(door.lake, REJECTED, about, by=by, why=why.strip(), content=content)


def _check_newest(door: MatchingDoor) -> None:
    if door.pinned is not None:
        raise UserError(
            f"The workspace is open at snapshot {door.pinned}, and merges are of the newest.",
            remedy="Open it without a snapshot.",
            code="match.pinned",
        )


def _checked(door: MatchingDoor, other_id: str, kept_id: str) -> dict[str, Identity]:
    """The merges that hold, if both ids are accounts and this merge can stand beside those."""
    _check_newest(door)
    above: dict[str, str] = {}
    with _as_said(door) as engine:
        if ACCOUNTS in engine.tables():
            above = {
                a: p or ""
                for a, p in engine.rows("select account_id, parent_account_id from accounts")
            }
    for where, id_ in (("other", other_id), ("kept", kept_id)):
        if id_ not in above:
            raise UnknownName("account", id_, above, where=where)
    held = identities.standing(_lines(door))
    identities.check(held, other_id, kept_id)
    if other_id in _above(above, kept_id) or kept_id in _above(above, other_id):
        raise UserError(
            f"`{other_id}` and `{kept_id}` are a company and one that belongs to it.",
            remedy="Correct the parent in the source first, if they are one.",
            where="kept",
            code="match.parent",
        )
    return held


def _above(parents: Mapping[str, str], account_id: str) -> set[str]:
    found: set[str] = set()
    while (account_id := parents.get(account_id, "")) and account_id not in found:
        found.add(account_id)
    return found


def _candidates(facts: CurrentRows, only: Sequence[str] | None = None) -> list[Candidate]:
    """Accounts with what tells them apart, read as they are read now; all of them, or some."""
    tables, whose = facts.tables(), ""
    if only is not None:
        whose = f" and account_id in ({', '.join(map(literal, only)) or 'null'})"
    domains = dict[str, frozenset[str]]()
    if "contacts" in tables:
        addresses = facts.query(
            f"select distinct account_id, email from contacts where email is not null{whose}"  # noqa: S608 - literals
        )
        domains = dict(
            matching.by_account((account, matching.domain_of(mail)) for account, mail in addresses)
        )
    spans = defaultdict[str, list[tuple[date, date | None]]](list)
    if "contracts" in tables:
        for account, start, end in facts.query(
            f"select account_id, start_date, end_date from contracts where start_date is not null{whose}"  # noqa: S608 - literals
        ):
            spans[account].append((start, end))
    rows = facts.query(
        "select account_id, name, source, currency, country, parent_account_id, external_ids, csm_id, start_date "  # noqa: S608 - literals
        f"from accounts where true{whose}"
    )
    return [
        Candidate(
            account_id=id_,
            name=name or "",
            sources=frozenset((source,)) if source else frozenset(),
            currency=currency or "",
            country=country or "",
            above=above or "",
            external=matching.external_of(external),
            domains=domains.get(id_, frozenset()),
            addresses=len(domains.get(id_, ())),
            spans=tuple(sorted(spans.get(id_, ()), key=str)),
            owner_id=owner or "",
            since=since,
        )
        for id_, name, source, currency, country, above, external, owner, since in rows
    ]


def _evidence(facts: CurrentRows, other_id: str, kept_id: str) -> list[Evidence]:
    by_id = {one.account_id: one for one in _candidates(facts, [other_id, kept_id])}
    if len(by_id) < 2:  # one of them is merged already, and tells nothing of its own
        return []
    return matching.evidence(by_id[other_id], by_id[kept_id])


def _named(engine: Engine, ids: set[str]) -> dict[str, Named]:
    """Accounts by id; one whose row was closed since has its id for a name."""
    listed = ", ".join(map(literal, sorted(ids))) or "null"
    counts = dict[str, int]()
    if "contracts" in engine.tables():
        counts = dict(
            engine.rows(
                f"select account_id, count(*) from contracts where account_id in ({listed}) group by all"  # noqa: S608 - literals
            )
        )
    rows = engine.rows(
        f"select account_id, name, source, csm_id from accounts where account_id in ({listed})"  # noqa: S608 - literals
    )
    found = {
        id_: Named(id_, name or id_, source or "", owner or "", counts.get(id_, 0))
        for id_, name, source, owner in rows
    }
    return {id_: found.get(id_) or Named(id_, id_, "", "", counts.get(id_, 0)) for id_ in ids}


def _money(
    door: MatchingDoor, computed: Computed, day: date
) -> tuple[Decimal | None, dict[str, Decimal]]:
    """ARR in force on the day: of all, and by account."""
    declared, _ = door.catalogue.find(MONEY)
    asked = ask(declared, Span(as_of=day), by=None, where=None, given={}, defaults=door.defaults)
    answer = compute(declared, asked, computed, component="")
    each: Any = answer.components.get("arr_by_account")
    own = each if isinstance(each, Mapping) else {}
    total = answer.value if isinstance(answer.value, Decimal) else None
    return total, {id_: arr for id_, arr in own.items() if isinstance(arr, Decimal)}


def _rows_moved(engine: Engine, other: str, kept: str) -> tuple[dict[str, int], dict[str, int]]:
    """By the table's title: rows that would be read under the kept id, and those of them that would not stand."""
    same: Same = {ACCOUNTS: {other: kept}}
    if other == kept:
        return {}, {}
    moved, aside = {}, {}
    for name in sorted(engine.tables() - {ACCOUNTS}):
        table = engine.lake.table(name)
        columns = columns_of(table, same)
        if not columns:
            continue
        own = " or ".join(f"{ident(column)} = {literal(other)}" for column in columns)
        ((count,),) = engine.rows(f"select count(*) from {ident(name)} where {own}")
        if count:
            moved[table.title] = count
            ((lost,),) = engine.rows(set_aside(table, f"select * from {ident(name)}", same))
            if lost:
                aside[table.title] = lost
    return moved, aside
