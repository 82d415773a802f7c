"""What a mapping cannot feed: the tables and numbers an export leaves unknown, and the files that were absent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tenure.facts.mapping import Mapping
from tenure.facts.table import tables
from tenure.kernel.wording import counted

_SHOWN = 4


@dataclass(frozen=True, slots=True)
class AbsentFile:
    """A file the mapping declares and nobody gave: its key, a name it goes by, and the tables it alone feeds."""

    key: str
    name: str
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotFed:
    """What an import through a mapping left without data.

    `fed` names the tables that the mapping can feed; `unfed` gives those that no file of it feeds, with the
    metrics they serve, the ones first whose metrics are served by none of the fed. `absent`: declared
    files that were not given and would feed tables that none of the given does.
    """

    mapping: str
    fed: tuple[str, ...]
    unfed: dict[str, tuple[str, ...]]
    absent: tuple[AbsentFile, ...] = ()

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that read an unfed table: unknown or known in part, unless it comes from elsewhere.

        Those first that no fed table serves.
        """
        served = _metrics(self.fed)
        lacking = dict.fromkeys(_metrics(self.unfed))
        return tuple(sorted(lacking, key=lambda metric: metric in served))

    def says(self) -> list[str]:
        """One line on what the mapping never feeds, and one on files that were absent."""
        lines = []
        if self.unfed:
            lines.append(
                f"{self.mapping} feeds {', '.join(self.fed)}. It cannot feed "
                f"{_listed(list(self.unfed), 'table')}, which {_listed(list(self.metrics), 'metric')} read."
            )
        if self.absent:
            names = [f"{file.name} ({', '.join(file.tables)})" for file in self.absent]
            lines.append(f"Not given: {_listed(names, 'file')}.")
        return lines

    def to_dict(self) -> dict[str, Any]:
        """As JSON knows it."""
        return {
            "mapping": self.mapping,
            "fed": list(self.fed),
            "unfed": {name: list(metrics) for name, metrics in self.unfed.items()},
            "absent": [
                {"key": file.key, "name": file.name, "tables": list(file.tables)}
                for file in self.absent
            ],
            "metrics": list(self.metrics),
        }


def cannot_feed(mapping: Mapping) -> dict[str, tuple[str, ...]]:
    """Canonical table -> the metrics it serves, for every table that no file of the mapping feeds."""
    fed = _fed(mapping)
    served = set(_metrics(fed))
    unfed = [table for table in tables().values() if table.id not in fed]
    unfed.sort(key=lambda table: (set(table.serves) <= served, table.group != "money"))
    return {table.id: table.serves for table in unfed}


def not_fed(mapping: Mapping, names: Iterable[str]) -> NotFed:
    """What an import of the files called `names` through the mapping leaves without data.

    Files of another shape count as one: an absent file is named only where no given one feeds its tables.
    """
    claimed = [mapping.file_for(name) for name in names]
    given = {file[0] for file in claimed if file is not None}
    told = {canonical.id for key in given for canonical, _ in mapping.files[key].targets()}
    absent = []
    for key, file in mapping.files.items():
        lacking = dict.fromkeys(table.id for table, _ in file.targets() if table.id not in told)
        if key not in given and lacking:
            told |= set(lacking)
            absent.append(AbsentFile(key, _name(file.match[0]), tuple(lacking)))
    return NotFed(mapping.title, tuple(_fed(mapping)), cannot_feed(mapping), tuple(absent))


def _fed(mapping: Mapping) -> list[str]:
    """The tables that the mapping can feed, in the order declared."""
    targets = [target for file in mapping.files.values() for target in file.targets()]
    return list(dict.fromkeys(canonical.id for canonical, _ in targets))


def _metrics(names: Iterable[str]) -> list[str]:
    return [metric for name in names for metric in tables()[name].serves]


def _name(pattern: str) -> str:
    """A file name that the pattern claims."""
    bare = pattern.replace("*", "")
    return f"{bare}csv" if bare.endswith(".") else bare


def _listed(names: list[str], what: str) -> str:
    """The first few by name, the rest as a number."""
    shown = names if len(names) <= _SHOWN + 1 else names[:_SHOWN]
    text = ", ".join(shown)
    rest = len(names) - len(shown)
    return f"{text} and {counted(rest, 'more ' + what)}" if rest else text
