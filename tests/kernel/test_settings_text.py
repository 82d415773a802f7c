"""Values of `tenure.toml` change and every other letter stays; what cannot be changed so is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.kernel.declare import read
from tenure.kernel.errors import DeclarationError, UserError
from tenure.kernel.settings import FILE, Settings, WebSettings
from tenure.kernel.settings_text import with_values

OWN = """# Ours, do not touch.
title = "Old" # with a word
business_model = [
  "plg", # first
  "consumption",
]

[sources.crm]
backfill_trusted = true

[web]
# hosts = ["later.example"]
hosts = [
  "tenure.example.com",
]
"""


def of(text: str) -> Settings:
    return read(Settings, text, name=FILE, id="")


def test_only_the_line_of_the_key_changes() -> None:
    made = with_values(OWN, {"title": 'New "name"'})

    assert made == OWN.replace('title = "Old" # with a word', 'title = "New \\"name\\""')


def test_a_value_over_several_lines_is_replaced_whole() -> None:
    made = with_values(OWN, {"business_model": ("seat_based",)})

    assert of(made).business_models == ("seat_based",)
    assert '"consumption"' not in made
    assert "[sources.crm]\nbackfill_trusted = true" in made


def test_a_key_that_was_not_there_comes_before_the_first_table_and_into_its_own() -> None:
    made = with_values(OWN, {"gross_margin": 0.75, "web.own_book_only": True})

    assert of(made) == replace(
        of(OWN), gross_margin=0.75, web=replace(of(OWN).web, own_book_only=True)
    )
    assert "# Ours, do not touch." in made
    assert '# hosts = ["later.example"]' in made


def test_a_table_that_was_not_there_is_added_and_an_example_line_gives_way() -> None:
    made = with_values(Settings().text(), {"gross_margin": 0.8, "web.own_book_only": True})

    assert made.count("gross_margin") == 1
    assert made.endswith("\n[web]\nown_book_only = true\n")


def test_a_key_is_taken_out() -> None:
    there = with_values(OWN, {"gross_margin": 0.75})

    assert with_values(there, {"gross_margin": None}) == OWN


@pytest.mark.parametrize(
    "text",
    [
        'web = { own_book_only = false }\ntitle = "A"\n',
        "web.own_book_only = false\n",
        'title = "A"\n"web".own_book_only = false\n',
    ],
)
def test_a_file_written_in_another_way_is_refused_and_not_half_changed(text: str) -> None:
    with pytest.raises(UserError) as refused:
        with_values(text, {"web.own_book_only": True})

    assert refused.value.code == "settings.by_hand"


def test_a_value_that_a_workspace_cannot_have_is_refused() -> None:
    with pytest.raises(DeclarationError) as refused:
        with_values(OWN, {"time_zone": "Mars/Olympus"})

    assert refused.value.code == "settings.time_zone"


@given(
    st.builds(
        Settings,
        title=st.text(st.characters(exclude_categories=["Cs"])),
        gross_margin=st.none() | st.sampled_from([0.01, 1.0]),
        business_model=st.lists(st.sampled_from(["plg", "seat_based"]), unique=True).map(tuple),
        web=st.builds(WebSettings, own_book_only=st.booleans()),
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "title": st.text(st.characters(exclude_categories=["Cs"])),
            "gross_margin": st.none() | st.just(0.5),
            "business_model": st.just(("consumption",)),
            "web.own_book_only": st.booleans(),
        },
    ),
)
def test_what_is_read_back_is_what_was_asked_for(
    settings: Settings, values: dict[str, Any]
) -> None:
    found = of(with_values(settings.text(), values))

    for key, value in values.items():
        table, _, name = key.rpartition(".")
        assert getattr(found.web if table else found, name) == value
