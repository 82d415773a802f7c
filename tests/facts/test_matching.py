"""Which accounts may be one customer, and what is said for and against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tenure.facts.matching import (
    MOST_SHARING,
    Candidate,
    domain_of,
    evidence,
    external_of,
    plain_name,
    suggestions,
)

CRM = Candidate(
    "a", "Alder Works", frozenset({"crm"}), owner_id="U1", domains=frozenset({"alder.example"})
)
BILLING = Candidate("b", "ALDER WORKS, Inc.", frozenset({"billing"}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Alder Works", "ALDER-WORKS, Inc."),
        ("Müller & Söhne GmbH & Co. KG", "Muller Sohne"),
        ("Straße AG", "strasse"),
        ("S.A.P. SE", "SAP"),
        ("O'Neill Ltd", "ONeill Limited"),
    ],
)
def test_names_are_compared_without_signs_and_legal_forms(one: str, other: str) -> None:
    assert plain_name(one) == plain_name(other)


def test_a_name_of_nothing_but_a_legal_form_keeps_it() -> None:
    assert plain_name("Company Inc") == "company"
    assert plain_name("---") == ""


@pytest.mark.parametrize(
    ("address", "domain"),
    [("Ann@Alder.Example", "alder.example"), ("ann@gmail.com", ""), ("nobody", ""), ("a@b", "")],
)
def test_only_a_companys_domain_tells_of_a_company(address: str, domain: str) -> None:
    assert domain_of(address) == domain


def test_one_name_from_two_sources_is_suggested_with_the_one_that_tells_more_to_stay() -> None:
    (found,) = suggestions([BILLING, CRM])

    assert (found.other_id, found.kept_id) == ("b", "a")
    assert [one.says for one in found.evidence] == [
        "without legal form and signs both are called Alder Works",
        "they come from two sources, billing and crm",
    ]


def test_the_order_of_accounts_changes_nothing() -> None:
    third = Candidate("c", "Cedar", domains=frozenset({"alder.example"}))
    every = [CRM, BILLING, third]
    assert suggestions(every) == suggestions(every[::-1])


def test_an_id_in_the_other_system_is_the_strongest_word() -> None:
    named = replace(BILLING, name="Something else", external=(("crm", "a"),))
    (found,) = suggestions([CRM, named])

    assert found.is_likely
    assert found.evidence[0].says == "`b` names `a` as its id in crm"


def test_contracts_that_run_at_one_time_and_another_country_speak_against() -> None:
    year = ((date(2026, 1, 1), date(2027, 1, 1)),)
    told = evidence(
        replace(BILLING, spans=year, country="DE"), replace(CRM, spans=year, country="FR")
    )

    against = [one.says for one in told if one.weight == "against"]
    assert against == [
        "another country: DE and FR",
        "contracts of both run at one time, from 2026-01-01 on",
    ]
    assert (
        suggestions(
            [replace(BILLING, spans=year, country="DE"), replace(CRM, spans=year, country="FR")]
        )
        == []
    )


def test_contracts_that_follow_on_each_other_speak_for_it() -> None:
    told = evidence(
        replace(BILLING, spans=((date(2025, 1, 1), date(2026, 1, 1)),)),
        replace(CRM, spans=((date(2026, 1, 1), None),)),
    )
    assert "their contracts follow on each other" in [one.says for one in told if one.points > 0]


def test_a_company_and_what_belongs_to_it_are_two_on_purpose() -> None:
    assert suggestions([CRM, replace(BILLING, above="a")]) == []
    assert suggestions([replace(CRM, above="b"), BILLING]) == []


def test_what_many_share_tells_nothing() -> None:
    chain = [Candidate(f"s{n}", "Store", frozenset({f"s{n}"})) for n in range(MOST_SHARING + 1)]
    assert suggestions(chain) == []
    assert suggestions(chain[:2])


def test_accounts_without_a_name_are_not_one() -> None:
    assert suggestions([Candidate("x", ""), Candidate("y", "")]) == []


@pytest.mark.parametrize("text", [None, "", "no json", "[1]", "3", "null"])
def test_ids_elsewhere_that_cannot_be_read_are_none(text: str | None) -> None:
    assert external_of(text) == ()


def test_ids_elsewhere_are_read_by_system() -> None:
    assert external_of('{"crm": "1", "erp": 2, "old": null}') == (("crm", "1"), ("erp", "2"))
