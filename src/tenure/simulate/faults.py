"""A fault planted in an export: where it stands, and how an import is expected to say so."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """One planted fault.

    `line` is the physical line in `file` (header = 1), None where the fault is about a whole file.
    `rule` is the code an import finds it under, `level` its level, and `refused` says whether the row
    or file is kept out; an empty rule: no import can know, and `says` tells how it shows.
    `rows` counts the rows that one finding speaks of, where the import sums them up. `asked` names
    the metric that finds it where an import does not.
    """

    kind: str
    file: str
    line: int | None
    rule: str
    level: str = ""
    column: str = ""
    value: str = ""
    refused: bool = False
    rows: int = 1
    says: str = ""
    asked: str = ""

    def told(self) -> dict[str, object]:
        """The fault for `truth.json`, empty parts left out."""
        always: dict[str, object] = {
            "kind": self.kind,
            "file": self.file,
            "line": self.line,
            "rule": self.rule,
        }
        parts = {
            "level": self.level,
            "column": self.column,
            "value": self.value,
            "says": self.says,
            "asked": self.asked,
        }
        always |= {name: said for name, said in parts.items() if said}
        return always | {"refused": self.refused, "rows": self.rows}


@dataclass(slots=True)
class Mess:
    """All faults of a company's files, and what has to be declared to read them at all.

    `reading` maps a way of reading (`date_order`, `locale`, ...) to what holds for which file, as
    `import_folder` takes it.
    """

    faults: list[Fault] = field(default_factory=list)
    reading: dict[str, dict[str, str]] = field(default_factory=dict)

    def options(self) -> list[str]:
        """The same declarations as options of `tenure import`."""
        return [
            word
            for way, files in self.reading.items()
            for file, said in files.items()
            for word in (f"--{way.replace('_', '-')}", f"{file}={said}")
        ]
