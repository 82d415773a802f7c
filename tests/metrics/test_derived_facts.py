"""The derived facts on generated companies and on the counting company: header, key, trail, order, and a law for each.

A law is a query for rows that break it; `{name}` in it is a derived fact made for the company's day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from memory import Memory

from oracles.life import scene
from oracles.product import world
from tenure.facts.table import table
from tenure.kernel.days import last_complete_quarter
from tenure.metrics.derived.tier import TIER, TRAIL, reads_of, sql_types
from tenure.metrics.reading import Reading

LIVES, WORLDS = (90, 91, 92, 94), (1, 3, 4, 5)


@dataclass(frozen=True)
class Company:
    """A company in memory, its reading, and what its derived facts are made for."""

    name: str
    memory: Memory
    zone: str
    values: Mapping[str, Any]

    def reading(self) -> Reading:
        return Reading(self.memory, "USD", self.zone)

    def can_make(self, fact: str) -> bool:
        """Whether every table the fact needs, those of the facts below it included, was delivered."""
        below = [need for lower in TIER[fact].rests_on for need in TIER[lower].needs]
        return {*TIER[fact].needs, *below} <= self.memory.tables()

    def rows(self, text: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """What a query tells, with the derived facts named in it in braces."""
        reading, known = self.reading(), values or self.values
        named = {name: reading.relation(name, known) for name in TIER if f"{{{name}}}" in text}
        return self.memory.query(text.format_map({**known, **named}))


def made_for(as_of: date) -> dict[str, Any]:
    quarter = last_complete_quarter(as_of)
    days = {"as_of": as_of, "on_day": as_of}
    days |= {"period_start": quarter.start, "period_end": quarter.end}
    return days | {"renewal_grace_days": 30, "window_days": 28, "limit_threshold": 0.9}


@pytest.fixture(scope="module")
def companies(counting_company: Any) -> list[Company]:
    facts = counting_company.facts()
    counted = {
        name: [
            dict(zip(table(name).columns, row, strict=True))
            for row in facts.rows(name, list(table(name).columns))
        ]
        for name in facts.tables()
    }
    found = [("the counting company", counted, "UTC", date(2026, 3, 31))]
    for seed in LIVES:
        life = scene(seed)
        found.append((f"life {seed}", life.rows, life.zone, life.pivot))
    for seed in WORLDS:
        this = world(seed)
        found.append((f"world {seed}", this.rows, this.zone, this.today))
    return [Company(n, Memory(rows), zone, made_for(day)) for n, rows, zone, day in found]


def able(companies: list[Company], fact: str) -> Iterator[Company]:
    return (company for company in companies if company.can_make(fact))


FACTS = sorted(TIER)


@pytest.mark.parametrize("fact", FACTS)
def test_a_key_tells_the_rows_apart(companies: list[Company], fact: str) -> None:
    key = ", ".join(TIER[fact].key)
    text = f"select {key}, count(*) from {{{fact}}} group by all having count(*) > 1"  # noqa: S608

    twice = {c.name: found for c in able(companies, fact) if (found := c.rows(text))}
    assert twice == {}
    count = f"select count(*) from {{{fact}}}"  # noqa: S608
    assert sum(c.rows(count)[0][0] for c in able(companies, fact)) > 0, "no row to tell apart"


@pytest.mark.parametrize("fact", FACTS)
def test_columns_and_their_types_are_the_declared_ones(companies: list[Company], fact: str) -> None:
    for company in able(companies, fact):
        described = company.rows(f"describe {{{fact}}}")
        kinds = {name: family(kind) for name, kind, *_ in described}
        assert kinds == {name: family(kind) for name, kind in sql_types(TIER[fact]).items()}


def family(kind: str) -> str:
    """A DuckDB type without its width: sums are wider than what they add up."""
    if kind in ("BIGINT", "INTEGER", "HUGEINT"):
        return "whole number"
    return "number" if kind.startswith("DECIMAL") or kind == "DOUBLE" else kind


@pytest.mark.parametrize("fact", FACTS)
def test_it_is_made_of_what_its_header_names_and_of_nothing_else(
    companies: list[Company], fact: str
) -> None:
    declared = TIER[fact]
    below = {name for lower in declared.rests_on for name in TIER[lower].parameters}
    assert below <= set(declared.parameters)
    for company in list(able(companies, fact))[:3]:
        own = {name: company.values[name] for name in declared.parameters}
        part = Company("", Memory(tables_of(company, reads_of(fact))), company.zone, own)
        # The copy numbers its lines anew, so the trail is left out.
        columns = ", ".join(name for name in sql_types(declared) if name not in TRAIL)
        text = f"select {columns} from {{{fact}}} order by all"  # noqa: S608
        assert company.rows(text) == part.rows(text), company.name


def tables_of(company: Company, names: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for name in set(names) & company.memory.tables():
        columns = list(table(name).columns)
        rows = company.memory.rows(name, columns)
        found[name] = [dict(zip(columns, row, strict=True)) for row in rows]
    return found


@pytest.mark.parametrize("fact", [name for name in FACTS if not TIER[name].is_of_a_day])
def test_one_that_declares_no_day_is_the_same_on_every_day(
    companies: list[Company], fact: str
) -> None:
    for company in able(companies, fact):
        text = f"from {{{fact}}} order by all"
        other = {**company.values, "as_of": company.values["as_of"] - timedelta(days=45)}
        assert company.rows(text) == company.rows(text, other)


@pytest.mark.parametrize("fact", [name for name in FACTS if TIER[name].leads_to])
def test_every_row_leads_back_to_a_source_row(companies: list[Company], fact: str) -> None:
    source = TIER[fact].leads_to
    text = (
        f"select source_key, source_file, source_line from {{{fact}}} as made where not exists "  # noqa: S608
        f'(select 1 from "{source}" as own where own.source_file = made.source_file '
        f'and own.source_line = made.source_line and own."{table(source).key[0]}" = made.source_key)'
    )
    assert {c.name: lost for c in able(companies, fact) if (lost := c.rows(text))} == {}


def test_each_rests_only_on_tables_and_on_the_ones_before_it() -> None:
    before: set[str] = set()
    for name, fact in TIER.items():
        assert (name, set(fact.rests_on) - before) == (name, set())
        assert {*fact.needs, *fact.reads} <= set(SOURCES)
        assert (fact.select is None) != (fact.rows is None)
        before.add(name)


SOURCES = {name for fact in TIER.values() for name in (*fact.needs, *fact.reads) if table(name)}

LAWS: dict[str, dict[str, str]] = {
    "activity_days": {
        "every activity has one row, and an attendee only if a contact attended": """
            select activity_id from activities left join {activity_days} as made using (activity_id)
            where made.activity_id is null or (made.is_attendance_known and made.has_attendee and not exists (
              select 1 from activity_contacts as who where who.activity_id = made.activity_id and who.attended))
            """,
    },
    "touches": {
        "touches are completed activities of an account, and no notes": """
            select activity_id from {touches} anti join
              (select activity_id, day from {activity_days} where status = 'completed' and not is_automated
               and account_id is not null and activity_type not in ('note', 'support_reply')
               and direction <> 'inbound')
            using (activity_id, day)
            """,
    },
    "engagements": {
        "engagements are only of people who attended": """
            select activity_id, contact_id from {engagements} anti join
              (select activity_id, contact_id from activity_contacts join activities using (activity_id)
               where attended and status = 'completed') using (activity_id, contact_id)
            """,
    },
    "cadence_slots": {
        "slots of a plan do not overlap": """
            select * from (select *, lead(slot_start) over (
                partition by account_id, touch_type, plan_start order by slot_start) as following
              from {cadence_slots})
            where following < slot_end or slot_end <= slot_start or slot_start < plan_start
            """,
        "a slot is over by the day and attained by a touch inside it": """
            select * from {cadence_slots} as slot where slot_end > date '{as_of}' + 1
              or is_attained <> coalesce(touched_on >= slot_start and touched_on < slot_end, false)
              or (is_attained and not exists (select 1 from {touches} as touch
                where touch.account_id = slot.account_id and touch.day = touched_on))
            """,
    },
    "handoffs": {
        "handoffs are the new deals won, and no first touch is before the close": """
            select opportunity_id from {handoffs} where first_touch < close_date or kickoff > date '{as_of}'
            union all
            select opportunity_id from opportunities as deal anti join {handoffs} using (opportunity_id)
            where stage = 'closed_won' and opportunity_type = 'new_business' and close_date <= date '{as_of}'
            """,
    },
    "onboarding_clocks": {
        "a clock shows the earliest day on which the milestone was reached": """
            select account_id, milestone from onboarding_milestones join {onboarding_clocks} using (account_id)
            where (milestone = 'onboarding_start' and completed_date < coalesce(started, date '9999-01-01'))
              or (milestone = 'first_value' and completed_date < coalesce(first_value, date '9999-01-01'))
            """,
    },
    "score_windows": {
        "the newest score of an account is of the newest series": """
            select account_id, max(day) as last, arg_max(is_of_newest, day) as newest from {score_windows}
            group by account_id having not newest or last > date '{as_of}'
            """,
    },
    "known_spans": {
        "the stretch that holds the day shows the lines in force, and stretches of a line do not overlap": """
            select line_id from (
              select line_id from {known_spans} where is_line and known_from <= date '{as_of}'
                and date '{as_of}' < known_until and start <= date '{as_of}'
                and (date '{as_of}' < settled_end or date '{as_of}' < live_end)
            ) as seen full join {lines_in_force} as made using (line_id)
            where made.line_id is null or made.account_id is null
            union all
            select one.line_id from {known_spans} as one join {known_spans} as other
              on one.line_id = other.line_id and one.known_from < other.known_from
              and other.known_from < one.known_until
            """,
    },
    "lines_in_force": {
        "a line in force has begun, and is a line of its contract's account": """
            select line_id from {lines_in_force} as made join contract_lines as own using (line_id)
            where made.start_date > date '{as_of}' or made.account_id is null
              or (own.account_id is not null and own.account_id <> made.account_id)
            """,
    },
    "consumption_terms": {
        "what was committed adds up over the credit lines in force": """
            select account_id from {consumption_terms} full join
              (select account_id, case when bool_or(quantity is null) then null else sum(quantity) end as units
               from {lines_in_force} where unit = 'credit' group by account_id) using (account_id)
            where committed is distinct from units
            """,
    },
    "seat_days": {
        "a share of seats is never negative, and changes on no day to come": """
            select * from {seat_days} where utilization < 0 or day > date '{as_of}'
            """,
    },
    "limit_days": {
        "a limit is only reached while it holds": """
            select * from {limit_days} as made anti join usage_limits as own
            on own.account_id = made.account_id and own.limit_name = made.limit_name
              and own.start_date = made.start_date and made.day >= own.start_date
              and (own.end_date is null or made.day < own.end_date) and made.day <= date '{on_day}'
            """,
    },
    "usage_days": {
        "days add up to all events there were": """
            select made.events, own.events from
              (select coalesce(sum(events), 0) as events, count(*) as days from {usage_days}) as made,
              (select coalesce(sum(event_count), 0) as events, count(distinct
                 (account_id, product_user_id, usage_date)) as days from usage_daily) as own
            where made.events <> own.events or made.days <> own.days
            """,
    },
    "account_days": {
        "an account's days add up to all its rows, events and units": """
            select account_id, count(*), sum(event_count), sum(units) from usage_daily group by account_id
            except
            select account_id, sum(usage_rows), nullif(sum(events), case when account_id in (
                select account_id from usage_daily group by account_id having count(event_count) = 0) then 0 end),
              sum(units) from {account_days} group by account_id
            """,
    },
    "person_months": {
        "a person's bits count their days, and only days with events as used": """
            (select account_id, product_user_id, count(distinct usage_date) as listed,
               count(distinct usage_date) filter (where event_count > 0) as used
             from usage_daily where product_user_id is not null group by account_id, product_user_id)
            except
            select account_id, product_user_id, sum(bit_count(listed)), sum(bit_count(used))
            from {person_months} group by account_id, product_user_id
            """,
        "the bits are those of the days": """
            select * from usage_daily as own where product_user_id is not null and not exists (
              select 1 from {person_months} as made where made.account_id = own.account_id
                and made.product_user_id = own.product_user_id
                and made.month = date_trunc('month', own.usage_date)
                and (made.listed >> (day(own.usage_date) - 1)) & 1 = 1)
            """,
    },
    "user_window": {
        "nobody is active on more days than the window has, and none of ours is there": """
            select * from {user_window} as made where active_days > {window_days} or active_days < 1
              or exists (select 1 from {usage_days} as own
                where own.product_user_id = made.product_user_id and own.is_internal)
            """,
    },
    "feature_window": {
        "a feature has no more events than its account used it": """
            select account_id, feature_id from {feature_window} as made where events > coalesce(
              (select sum(event_count) from usage_daily as own
               where own.account_id = made.account_id and own.feature_id = made.feature_id), 0)
              or events < 0
            """,
    },
    "usage_weeks": {
        "weeks add up to the events of the days they are complete with": """
            select coalesce((select sum(events) from {usage_weeks}), 0) as weeks, coalesce((select sum(events)
              from {usage_days} where day + cast(7 - isodow(day) as integer) <= date '{as_of}'), 0) as days
            where weeks <> days
            union all select 0, 0 from {usage_weeks} where isodow(week) <> 1
            """,
    },
    "ticket_days": {
        "a ticket is rated on the day it was solved, else on the day it was opened": """
            select ticket_id from tickets full join {ticket_days} as made using (ticket_id)
            where made.opened is null or made.rated <> coalesce(made.solved, made.opened)
              or (solved_at is null and made.rated <> made.opened)
            """,
    },
    "response_days": {
        "the answers of one person are ranked in the order they came": """
            select response_id from (select *, row_number() over (partition by survey_type, contact_id
                order by responded_at, response_id) as place
              from survey_responses) as own join {response_days} as made using (response_id)
            where rank <> place
            union all select 'lost' from survey_responses anti join {response_days} using (response_id)
            """,
    },
    "advocacy_steps": {
        "a later day is a later step, and a refusal outranks a yes of its day": """
            select earlier.event_id from {advocacy_steps} as earlier join {advocacy_steps} as later on true
            where (earlier.event_date < later.event_date and earlier.step >= later.step)
              or (earlier.event_date = later.event_date and earlier.status = 'agreed'
                  and later.status = 'declined' and earlier.step >= later.step)
            """,
    },
    "advocacy_deeds": {
        "a deed is done, of the period, and the first telling of it": """
            select deed from {advocacy_deeds} as made where event_date < date '{period_start}'
              or event_date >= date '{period_end}' or event_date > date '{as_of}'
              or exists (select 1 from {advocacy_steps} as step where step.deed = made.deed and step.is_done
                and step.event_date >= date '{period_start}' and step.event_date < made.event_date)
            """,
    },
}  # fmt: skip
SPOKEN = [(fact, law) for fact, laws in LAWS.items() for law in laws]


def test_every_derived_fact_has_a_law() -> None:
    assert set(LAWS) == set(TIER)


@pytest.mark.parametrize(("fact", "law"), SPOKEN, ids=[law for _, law in SPOKEN])
def test_a_derived_fact_keeps_its_law(companies: list[Company], fact: str, law: str) -> None:
    held = []
    for company in able(companies, fact):
        if "activity_contacts" in LAWS[fact][law] and not company.memory.names >= {
            "activity_contacts"
        }:
            continue
        assert company.rows(LAWS[fact][law]) == [], company.name
        held.append(company.name)
    assert len(held) >= 2


def test_reaching_more_of_a_limit_is_no_easier(companies: list[Company]) -> None:
    text = "select distinct account_id, limit_name, start_date from {limit_days}"
    for company in able(companies, "limit_days"):
        lower = company.rows(text, {**company.values, "limit_threshold": 0.5})
        assert set(company.rows(text)) <= set(lower)
