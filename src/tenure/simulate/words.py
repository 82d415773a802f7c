"""Invented names; every address ends in a domain that cannot exist."""

from __future__ import annotations

from random import Random

FIRST = (
    "Ada", "Amir", "Bea", "Carlos", "Chen", "Dana", "Elif", "Emeka", "Farid", "Grace", "Hana",
    "Ivan", "Jonas", "Keiko", "Lena", "Luis", "Mara", "Nadia", "Noor", "Oskar", "Priya", "Rosa",
    "Samir", "Tess", "Uma", "Viktor", "Wanda", "Yara", "Zoe", "Tom",
)  # fmt: skip
LAST = (
    "Abel", "Baker", "Costa", "Dietz", "Egan", "Farrow", "Gupta", "Hill", "Ito", "Jansen",
    "Kovacs", "Lopez", "Meyer", "Novak", "Okoye", "Park", "Quist", "Rossi", "Silva", "Tanaka",
    "Ueda", "Varga", "Weber", "Xu", "Young", "Zeller",
)  # fmt: skip
FRONT = (
    "Alder", "Birch", "Cobalt", "Delta", "Ember", "Fjord", "Granite", "Harbor", "Indigo", "Juniper",
    "Kestrel", "Lumen", "Maple", "North", "Onyx", "Pine", "Quartz", "River", "Summit", "Tidal",
    "Umber", "Vale", "Willow", "Yarrow", "Zenith",
)  # fmt: skip
BACK = (
    "works", "logic", "foods", "care", "line", "bank", "labs", "freight", "media", "energy",
    "stone", "systems", "health", "retail", "motors", "paper", "tools", "air", "garden", "data",
)  # fmt: skip
ENDINGS = ("Inc.", "Ltd", "GmbH", "Group", "SA", "")


def person_name(draw: Random) -> str:
    """A first and a last name."""
    return f"{draw.choice(FIRST)} {draw.choice(LAST)}"


def company_name(draw: Random) -> str:
    """A name like `Alderworks Ltd`; not unique, as in life."""
    return f"{draw.choice(FRONT)}{draw.choice(BACK)} {draw.choice(ENDINGS)}".strip()
