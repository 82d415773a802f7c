from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.kernel.declare import read
from tenure.kernel.errors import DeclarationError
from tenure.kernel.settings import FILE, PeopleSettings, Settings, SourceSettings, load_settings


def test_a_workspace_without_a_file_has_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == Settings()


@given(
    st.builds(
        Settings,
        title=st.text(st.characters(exclude_categories=["Cs"])),
        gross_margin=st.none() | st.sampled_from([0.01, 0.8, 1.0]),
        sources=st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
            st.builds(SourceSettings, st.booleans()),
            max_size=3,
        ),
    )
)
def test_settings_read_back_from_their_text(settings: Settings) -> None:
    assert read(Settings, settings.text(), name=FILE, id="tenure") == settings


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('time_zone = "Mars/Olympus"', "settings.time_zone"),
        ('time_zone = "../../etc/passwd"', "settings.time_zone"),
        ('time_zone = ""', "settings.time_zone"),
        ('reporting_currency = "usd"', "settings.currency"),
        ('reporting_currency = "DOLLAR"', "settings.currency"),
        ("gross_margin = 80", "settings.gross_margin"),
        ("gross_margin = 0", "settings.gross_margin"),
        ("gross_margin = nan", "settings.gross_margin"),
        ('curency = "EUR"', "declaration.key"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_its_code(
    tmp_path: Path, line: str, code: str
) -> None:
    (tmp_path / FILE).write_text(line)

    with pytest.raises(DeclarationError) as refused:
        load_settings(tmp_path)

    assert refused.value.code == code
    assert refused.value.where.startswith(FILE)


def test_a_source_remembers_what_was_answered_about_it(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("[sources.crm]\nbackfill_trusted = true\n")

    assert load_settings(tmp_path).sources == {"crm": SourceSettings(backfill_trusted=True)}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("head_start_days = 0", "`head_start_days` cannot be 0."),
        ("head_start_days = 11", "`head_start_days` cannot be 11."),
        ("least_people = 2", "`least_people` cannot be 2."),
        ('figures = "everybody"', "everybody"),
    ],
)
def test_a_head_start_is_never_none_and_a_group_is_never_a_person(
    tmp_path: Path, words: str, says: str
) -> None:
    (tmp_path / "tenure.toml").write_text(f"[people]\n{words}\n")

    with pytest.raises(DeclarationError, match=re.escape(says)):
        load_settings(tmp_path)


def test_what_is_set_of_people_is_written_and_read_again(tmp_path: Path) -> None:
    given = Settings(people=PeopleSettings(figures="on", time=True, head_start_days=5))
    (tmp_path / "tenure.toml").write_text(given.text())

    assert load_settings(tmp_path) == given
    assert load_settings(tmp_path / "nowhere").people.figures == "off"
