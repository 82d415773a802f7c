"""What the written pages promise: links lead somewhere, commands and metrics exist, one word means one thing."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from repository import ROOT, committed
from typer.main import get_command

from tenure.cli.app import app
from tenure.metrics.declaration import built_in

PAGES = [path for path in committed() if path.suffix == ".md" and "tests" not in path.parts]
TO_FOLLOW = [p for p in PAGES if p.parent == ROOT or p.parent.name in ("start", "do", "understand")]
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?<![\w/.-])tenure ([a-z]+(?:-[a-z]+)*)(?![\w.(:])")
ASKED = re.compile(r"tenure (?:metric|explain) ([a-z_]+)")
IN_PYTHON = re.compile(r"\.(?:metric|explain)\(\"([a-z_]+)\"")
WRITTEN = re.compile(r"^```toml \S+/catalogue/metrics/([a-z_]+)\.toml$", re.MULTILINE)
"""Metrics of one's own that a page writes itself."""
WRONG_ON_PURPOSE = {"gros_renewal_rate"}


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """The headings of a page as link targets."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def metric_names() -> set[str]:
    names: set[str] = set()
    for metric in built_in():
        names |= {metric.id, *metric.short}
    return names


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    dead = []
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    open_pages = [ROOT / "README.md"]
    while open_pages:
        page = open_pages.pop()
        if page in seen:
            continue
        seen.add(page)
        for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
            target = (page.parent / link.partition("#")[0]).resolve()
            if target.suffix == ".md" and target.exists():
                open_pages.append(target)
    assert [shown(page) for page in TO_FOLLOW if page not in seen] == []


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_command_named_exists(page: Path) -> None:
    known = set(get_command(app).commands)  # type: ignore[attr-defined]
    text = page.read_text(encoding="utf-8")
    code = "\n".join(FENCE.findall(text) + re.findall(r"`([^`\n]+)`", FENCE.sub("", text)))
    assert set(COMMAND.findall(code)) <= known


@pytest.mark.parametrize("page", TO_FOLLOW, ids=shown)
def test_every_metric_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(ASKED.findall(text)) | set(IN_PYTHON.findall(text))
    assert named - WRONG_ON_PURPOSE <= metric_names() | set(WRITTEN.findall(text))


def test_the_glossary_has_each_word_once() -> None:
    rows = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    words = [row.split("|")[1].strip().lower() for row in rows if row.startswith("| ")][1:]
    assert len(words) > 40
    assert sorted(words) == sorted(set(words))


def test_every_decision_has_its_own_heading() -> None:
    text = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    ids = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert len(ids) == len(set(ids))
    assert [name for name in ids if not re.fullmatch(r"[a-z0-9-]+", name)] == []


def test_every_decision_that_a_metric_cites_is_there() -> None:
    cited = set()
    for file in (ROOT / "src" / "tenure" / "metrics" / "catalogue").rglob("*.toml"):
        cited |= set(tomllib.loads(file.read_text(encoding="utf-8")).get("decisions", ()))
    assert cited
    assert cited <= anchors(ROOT / "docs" / "decisions.md")
