"""How it is served: nothing starts that would not be safe, and the commands that add people say what they refuse."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings

from cast import PASSWORD
from tenure.desk.add_person import add_person, change_role, deactivate_person
from tenure.desk.models import Person
from tenure.kernel.errors import UserError
from tenure.web.served import KEY_FILE, key_of, served


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tenure.toml").write_text("")
    return tmp_path


def said(folder: Path, web: str = "", **more: str) -> Any:
    (folder / "tenure.toml").write_text(f"[web]\n{web}\n")
    return served({"TENURE_WORKSPACE": str(folder), **more})


def test_without_a_word_this_machine_alone_is_served(folder: Path) -> None:
    found = said(folder)

    assert found.is_local
    assert not found.is_demo
    assert found.database["NAME"] == str(folder / "desk.sqlite3")


@pytest.mark.parametrize("host", ["*", ".example.com/x", "https://a.example", "a.example:8000", ""])
def test_a_host_that_is_no_name_stops_the_start(host: str, folder: Path) -> None:
    with pytest.raises(UserError) as refused:
        said(folder, f'hosts = ["{host}"]')

    assert refused.value.code == "web.host"


def test_the_demo_is_never_served_to_others(folder: Path) -> None:
    with pytest.raises(UserError) as refused:
        said(folder, 'hosts = ["tenure.example.com"]', TENURE_DEMO="1")

    assert refused.value.code == "web.demo"


def test_a_key_is_made_once_and_only_its_owner_reads_it(folder: Path) -> None:
    first = key_of(folder)

    assert len(first) >= 50
    assert key_of(folder) == first
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600


def test_a_short_key_stops_the_start(folder: Path) -> None:
    (folder / KEY_FILE).write_text("secret")

    with pytest.raises(UserError) as refused:
        said(folder)

    assert refused.value.code == "web.key"


def test_a_folder_that_is_no_workspace_stops_the_start_and_gets_no_key(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        served({"TENURE_WORKSPACE": str(tmp_path)})

    assert refused.value.code == "workspace.absent"
    assert not list(tmp_path.iterdir())


def test_a_database_is_read_from_its_address_and_another_kind_refused(folder: Path) -> None:
    found = said(folder, 'database = "postgresql://us%40er:p%2Fw@db.example:5433/tenure"').database

    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "us@er", "p/w", "db.example", "5433", "tenure",
    )  # fmt: skip
    with pytest.raises(UserError) as refused:
        said(folder, 'database = "mysql://a:geheim@b/c"')
    assert refused.value.code == "web.database"
    assert "geheim" not in str(refused.value)


def test_served_to_others_the_settings_pass_the_deployment_check(folder: Path) -> None:
    """In a process of its own: Django reads its settings once."""
    import subprocess
    import sys

    said(folder, 'hosts = ["tenure.example.com"]')
    done = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "INFO"],
        env={k: v for k, v in os.environ.items() if k != "DJANGO_ALLOW_ASYNC_UNSAFE"}
        | {"TENURE_WORKSPACE": str(folder), "DJANGO_SETTINGS_MODULE": "tenure.web.settings"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_there_is_a_migration_for_every_model(db: None) -> None:
    call_command("makemigrations", "desk", check=True, dry_run=True, stdout=StringIO())


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"email": "maya"}, "person.email"),
        ({"email": "Team@cast.example"}, "person.shared"),
        ({"email": "MAYA@cast.example"}, "person.exists"),
        ({"member_id": "U1"}, "person.member"),
        ({"name": " "}, "person.name"),
        ({"password": "short"}, "person.password"),
        ({"password": "password1234"}, "person.password"),
        ({"role": "boss"}, "name.unknown"),
    ],
)
def test_a_person_that_cannot_be_is_refused(
    changed: dict[str, str], code: str, people: dict[str, Person]
) -> None:
    fine = {"email": "new@cast.example", "name": "New One", "role": "csm", "password": PASSWORD}

    with pytest.raises(UserError) as refused:
        add_person(**(fine | changed))  # type: ignore[arg-type]

    assert refused.value.code == code
    assert not Person.objects.filter(email="new@cast.example").exists()


def test_the_last_administrator_stays(people: dict[str, Person]) -> None:
    for ask in (
        lambda: deactivate_person(people["gil"]),
        lambda: change_role(people["gil"], "csm"),
    ):
        with pytest.raises(UserError) as refused:
            ask()
        assert refused.value.code == "person.last_admin"

    add_person(email="second@cast.example", name="Second", role="admin", password=PASSWORD)
    deactivate_person(people["gil"])
    assert not Person.objects.get(email="gil@cast.example").is_active


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    held = StringIO()
    monkeypatch.setattr("sys.stdin", held)
    return held


@override_settings()
def test_people_are_added_and_changed_on_the_command_line(
    folder: Path, tenure: Any, typed: StringIO, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TENURE_WORKSPACE", "TENURE_DEMO"):
        monkeypatch.setenv(name, os.environ.get(name, ""))  # put back afterwards
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tenure.web.settings")
    typed.write(PASSWORD + "\n")
    typed.seek(0)

    added = tenure(
        "person", "add", "new@cast.example", "--name", "New One", "--role", "lead", "-w", folder
    )
    changed = tenure("person", "role", "new@cast.example", "ops", "-w", folder, "--json")
    gone = tenure("person", "deactivate", "new@cast.example", "-w", folder)
    nobody = tenure("person", "role", "newe@cast.example", "ops", "-w", folder)

    assert added.out == "New One can sign in as CS leader.\n"
    assert changed.data == {"email": "new@cast.example", "name": "New One", "role": "ops"}
    assert gone.out == "New One can sign in no more.\n"
    assert nobody.code == 2
    assert "Did you mean `new@cast.example`?" in nobody.err
    assert Person.objects.get(email="new@cast.example").check_password(PASSWORD)
