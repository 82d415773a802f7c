"""The counting company: every case of expected.json, worked by hand in WORKED.md, asked of Tenure.

How expected.json writes a value: an amount of money is a string of digits ("7400000") and must be met
exactly; a quotient of money has four decimals ("611666.6667") and is met after rounding to four; a ratio
is a fraction ("708/740") and is met to 1e-12; counts and days are JSON numbers, words and dates strings.
A map is met if its named keys are; a list must be met whole. A key may be a dotted path.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tenure.cli.app import app

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = [
    case
    for path in sorted(HERE.glob("expected*.json"))
    for case in json.loads(path.read_text(encoding="utf-8"))
]
FIRST_OF_EACH = list({case["metric"]: case for case in reversed(CASES)}.values())
MONEY = re.compile(r"-?\d+(\.\d+)?")
RATIO = re.compile(r"(-?\d+)/(\d+)")
FOUR_PLACES = Decimal("0.0001")
ROWS = {"money": 174, "coverage": 196, "usage": 277}
DATES = ("start", "end", "as_of")
FLAGS = ("start", "end", "as_of", "by")


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The facts loaded once, as a workspace."""
    from tenure.workspace import Workspace

    workspace = Workspace.create(tmp_path_factory.mktemp("counting") / "company")
    workspace.import_folder(HERE / "facts")
    return workspace


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_case_worked_by_hand_is_met(company: Any, case: dict[str, Any]) -> None:
    answer = company.metric(case["metric"], **in_python(case["parameters"]))

    assert unmet(case, envelope(answer)) == []


@pytest.mark.parametrize("case", FIRST_OF_EACH, ids=[case["id"] for case in FIRST_OF_EACH])
def test_the_command_line_gives_the_same_answer(company: Any, case: dict[str, Any]) -> None:
    words = ["metric", case["metric"], *in_words(case["parameters"])]

    done = CliRunner().invoke(app, [*words, "--json", "--workspace", str(company.folder)])

    assert done.exit_code == 0, done.output
    assert unmet(case, json.loads(done.stdout, parse_float=Decimal)) == []


@pytest.mark.parametrize("case", FIRST_OF_EACH[::12], ids=lambda case: case["id"])
def test_a_process_of_its_own_gives_the_same_answer(company: Any, case: dict[str, Any]) -> None:
    command = [sys.executable, "-m", "tenure", "metric", case["metric"]]
    done = subprocess.run(
        [*command, *in_words(case["parameters"]), "--json", "--workspace", str(company.folder)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert unmet(case, json.loads(done.stdout, parse_float=Decimal)) == []


def test_every_file_of_the_company_is_accepted_whole(company: Any) -> None:
    counted = {
        path.stem: len(path.read_text().splitlines()) - 1 for path in (HERE / "facts").glob("*.csv")
    }

    assert sum(counted.values()) == sum(ROWS.values())
    assert counted["accounts"] == 12
    assert company.import_folder(HERE / "facts").refused == 0


def test_every_case_has_an_id_of_its_own() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES) > 60


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("7400000", Decimal("7400000.0001")),
        ("7400000", 7400000.0),
        ("611666.6667", Decimal("611666.6666")),
        ("708/740", 0.956756),
        (2, Decimal(2)),
        (1, True),
        (None, 0),
        ("undefined", None),
        (["sudden"], ["sudden", "below_mean"]),
        ({"alder": "10"}, {}),
        ({"cohorts.2025-01": {"size": 1}}, {"cohorts": {"2025-01": {"size": 2}}}),
    ],
)
def test_the_comparison_notices(expected: object, actual: object) -> None:
    assert list(differences(expected, actual, "value")) != []


def in_python(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as a notebook would give them: days as dates."""
    dates = {name: date.fromisoformat(parameters[name]) for name in DATES if name in parameters}
    on = {"on": [date.fromisoformat(day) for day in parameters["on"]]} if "on" in parameters else {}
    return {**parameters, **dates, **on}


def in_words(parameters: Mapping[str, Any]) -> list[str]:
    """The parameters as a command line gives them."""
    words: list[str] = []
    for name, given in parameters.items():
        if name in FLAGS:
            words += [f"--{name.replace('_', '-')}", given]
        elif name == "where":
            words += [
                word
                for column, wanted in given.items()
                for word in ("--where", f"{column}={wanted}")
            ]
        else:
            words += ["--set", f"{name}={json.dumps(given) if isinstance(given, bool) else given}"]
    return words


def envelope(answer: Any) -> dict[str, Any]:
    """The answer as Python sees it, money as Decimal; its `to_dict` is met by the command line's test."""
    cuts = [{"key": c.key, "value": c.value, "components": c.components} for c in answer.cuts]
    return {
        "value": answer.value,
        "unknown": answer.unknown,
        "components": answer.components,
        "reasons": answer.reasons,
        "cuts": cuts,
    }


def unmet(case: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    """Everything in which the answer's envelope departs from the case, one sentence each."""
    found = list(differences(case["unknown"], answer["unknown"], "unknown"))
    if "value" in case:
        found += differences(case["value"], answer["value"], "value")
    found += differences(case["components"], answer["components"], "components")
    found += differences(
        list(case.get("reasons", {}).items()), reasons_given(case, answer), "reasons"
    )
    cuts = {cut["key"]: {**cut["components"], "value": cut["value"]} for cut in answer["cuts"]}
    for key, wanted in case.get("cuts", {}).items():
        parts = wanted if isinstance(wanted, dict) else {"value": wanted}
        found += differences(parts, cuts.get(key), f"cuts.{key}")
    return found


def reasons_given(case: Mapping[str, Any], answer: Mapping[str, Any]) -> list[tuple[str, object]]:
    """The answer's reasons at the paths the case names; a path is one key here, dots and all."""
    return [(path, answer["reasons"].get(path)) for path in case.get("reasons", {})]


def differences(expected: Any, actual: Any, path: str) -> list[str]:
    """Where `actual` does not meet `expected`; empty where it does."""
    if isinstance(expected, dict):
        return [
            line
            for key, part in expected.items()
            for line in differences(part, at(actual, key), f"{path}.{key}")
        ]
    if isinstance(expected, list) and isinstance(actual, Sequence) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        return [
            line
            for place, (part, own) in pairs
            for line in differences(part, own, f"{path}.{place}")
        ]
    return [] if meets(expected, actual) else [f"{path}: {expected!r} expected, {actual!r} given"]


def at(actual: Any, path: str) -> Any:
    """What stands at a dotted path of an answer, or a word saying that nothing does."""
    for key in path.split("."):
        if isinstance(actual, Mapping) and key in actual:
            actual = actual[key]
        elif isinstance(actual, Sequence) and key.isdecimal() and int(key) < len(actual):
            actual = actual[int(key)]
        else:
            return f"nothing at {key}"
    return actual


def meets(expected: Any, actual: Any) -> bool:
    """Whether one value is the other, by its kind."""
    if not isinstance(expected, str):
        return type(actual) is type(expected) and bool(actual == expected)
    if ratio := RATIO.fullmatch(expected):
        return is_number(actual) and abs(
            Fraction(actual) - Fraction(*map(int, ratio.groups()))
        ) <= Fraction(1, 10**12)
    if not MONEY.fullmatch(expected):
        return str(actual) == expected
    if isinstance(actual, float) or not is_number(actual):
        return False
    given, wanted = Decimal(actual), Decimal(expected)
    is_quotient = wanted.as_tuple().exponent == FOUR_PLACES.as_tuple().exponent
    return (given.quantize(FOUR_PLACES) if is_quotient else given) == wanted


def is_number(actual: Any) -> bool:
    """Whether a value can be an amount or a ratio; true and false are neither."""
    return isinstance(actual, int | float | Decimal) and not isinstance(actual, bool)


@pytest.mark.parametrize(
    "metric", ["exec_sponsor_reached", "case_study_participation", "reference_willingness"]
)
def test_the_n_of_a_share_of_active_accounts_is_its_denominator(
    counting_company: Any, metric: str
) -> None:
    """Of twelve accounts on file nine are active, and only they are asked."""
    told = counting_company.metric(metric, as_of="2026-03-31")
    by_csm = counting_company.metric(metric, as_of="2026-03-31", by="csm").cuts

    assert told.n == 9
    assert sum(cut.n for cut in by_csm) == 9
    assert round(told.value * told.n, 9) == round(sum((c.value or 0) * c.n for c in by_csm), 9)
