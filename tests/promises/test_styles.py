"""Styles and templates say the same classes: none unstyled, none dead, none with two meanings."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

WEB = Path(__file__).parents[2] / "src/tenure/web"
STYLES = {path.name: path.read_text(encoding="utf-8") for path in sorted((WEB / "static/tn").glob("*.css"))}  # fmt: skip

LONGEST = 250


def used() -> tuple[set[str], set[str]]:
    """Classes that templates, scripts and tags name, and the beginnings of those whose end comes from a value."""
    names: set[str] = set()
    begun: set[str] = set()
    for path in (WEB / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for said in re.findall(r'class="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\})*)"', text):
            for word in re.sub(r"\{\{.*?\}\}", "\0", re.sub(r"\{%.*?%\}", " ", said)).split():
                if "\0" in word:
                    begun.add(word.partition("\0")[0])
                elif word.startswith("tn-"):
                    names.add(word)
    for path in (*(WEB / "static/tn").glob("*.js"), *WEB.rglob("*.py")):
        for word in re.findall(r"\btn-[a-z_-]+", path.read_text(encoding="utf-8")):
            (begun if word.endswith("-") else names).add(word)
    return names, begun


def styled(text: str) -> list[str]:
    """Every class that a style sheet speaks of."""
    return re.findall(r"\.(tn-[a-z0-9_-]+)", re.sub(r"--tn-[\w-]+", "", text))


def test_every_class_that_a_template_uses_is_styled() -> None:
    names, begun = used()
    there = {name for text in STYLES.values() for name in styled(text)}

    assert names - there == set()
    assert [one for one in begun if not any(name.startswith(one) for name in there)] == []


def test_every_class_that_is_styled_is_used() -> None:
    names, begun = used()
    there = {name for text in STYLES.values() for name in styled(text)}

    assert {n for n in there if n not in names and not n.startswith(tuple(begun))} == set()


def test_a_class_means_one_thing() -> None:
    """Its own rule stands once; what it is inside another, on a phone or on paper comes beside it."""
    rules: Counter[str] = Counter()
    for text in STYLES.values():
        for layer in re.findall(
            r"^@layer (?:page|controls|tables|parts) \{(.*?)^\}", text, re.S | re.M
        ):
            plain = re.sub(r"^  @media.*?^  \}", "", layer, flags=re.S | re.M)
            rules.update(re.findall(r"^  \.(tn-[a-z0-9_-]+) \{", plain, re.M))

    assert [name for name, times in rules.items() if times > 1] == []
    assert len(rules) > 100


def test_style_sheets_stay_short_and_all_of_them_are_linked() -> None:
    linked = (WEB / "templates/_styles.html").read_text(encoding="utf-8")

    assert [name for name in STYLES if f"tn/{name}" not in linked] == []
    assert [name for name, text in STYLES.items() if text.count("\n") > LONGEST] == []
