"""A person who signs in: a name, an address, a role, and the number by which the lake may know them."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from tenure.kernel import clock


class Role(models.TextChoices):
    """What a person is here for; it decides the landing page and what may be opened."""

    CSM = "csm", "CSM"
    LEAD = "lead", "CS leader"
    SALES = "sales", "Sales"
    EXECUTIVE = "executive", "Executive"
    OPS = "ops", "CS ops"
    ADMIN = "admin", "Administrator"


class Theme(models.TextChoices):
    """Light or dark; `system` follows the machine."""

    SYSTEM = "system", "As this machine has it"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class Density(models.TextChoices):
    """How high rows are."""

    DENSE = "dense", "Dense"
    COMFORTABLE = "comfortable", "Comfortable"


class People(BaseUserManager["Person"]):
    """How Django's sign-in makes and finds people."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """A person with a password, or with none that works until one is set."""
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> Person:
        """By address, in whatever letters it is typed."""
        return self.get(email=(username or "").strip().lower())


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in. Deactivated people keep their row, so that what they did keeps its name.

    `member_id` is the id of the same person in the delivered `team_members`; empty where they look after nobody.
    `number` is random and says nothing: the lake holds it in place of the name.
    """

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=16, choices=Role.choices)
    member_id = models.CharField(max_length=200, blank=True, default="")
    number = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    is_active = models.BooleanField(default=True)
    theme = models.CharField(max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    density = models.CharField(max_length=12, choices=Density.choices, default=Density.DENSE)
    uses_keys = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=clock.now, editable=False)

    objects = People()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "role"]

    class Meta:
        """One member, one person; addresses differ in more than capitals."""

        ordering: ClassVar[list[str]] = ["name", "email"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("email"), name="person_email_any_case"),
            models.UniqueConstraint(
                fields=["member_id"],
                condition=~models.Q(member_id=""),
                name="one_person_per_member",
            ),
        ]

    def __str__(self) -> str:
        """As others read it."""
        return self.name

    @property
    def role_said(self) -> str:
        """The role in words."""
        return str(Role(self.role).label)
