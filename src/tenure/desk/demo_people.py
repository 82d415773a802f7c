"""The demo's people: the simulated team, and one person of every role it does not have."""

from __future__ import annotations

from django.db import transaction

from tenure.desk.add_person import add_person
from tenure.desk.home import home
from tenure.desk.models import Person, Role
from tenure.metrics.derived.book import UNASSIGNED

OTHERS = (("Paul Reyes", Role.EXECUTIVE), ("Olga Lind", Role.OPS), ("Gil Fournier", Role.ADMIN))
ROLES = {"csm": Role.CSM, "cs_leader": Role.LEAD, "ae": Role.SALES}


def add_demo_people() -> list[Person]:
    """Everybody of the demo, without passwords; those who are there already stay as they are."""
    with home().workspace() as workspace:
        members = workspace.computed().reading.rows("team_members")
        owned = {a for a in workspace.present().owned if a != UNASSIGNED}
    wanted = [
        (row["name"], ROLES[row["role"]], row["user_id"])
        for row in members
        if row["role"] in ROLES and (row["role"] != "csm" or row["user_id"] in owned)
    ]
    wanted += [(name, role, "") for name, role in OTHERS]
    found = []
    with transaction.atomic():
        for name, role, member in wanted:
            email = f"{name.lower().replace(' ', '.')}@demo.example"
            there = Person.objects.filter(email=email).first()
            found.append(there or add_person(email=email, name=name, role=role, member_id=member))
    return found
