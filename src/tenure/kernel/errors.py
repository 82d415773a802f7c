"""The errors that stop work. Bad data is a finding and missing knowledge an Unknown; neither is here.

TenureError
  UserError            wrong use or settings: says what, where, remedy         exit 2
    DeclarationError     a TOML file is wrong: file, line, key
    UnknownName          a name nobody declared: lists near misses
    Question             the data can be read two ways; names the answering option   exit 3
  SourceError          a file or source cannot be read as a whole              exit 3
  LakeError            the store: disk, lock, damage                           exit 4
  Bug                  one of our own invariants broke; carries the state      exit 70
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class TenureError(Exception):
    """Base of every error Tenure raises on purpose; `str()` is a message fit for a person."""

    exit_code = 70
    code = "error"

    def __init__(self, what: str, *, remedy: str = "", where: str = "", code: str = "") -> None:
        """Keep the parts apart, so that every face can lay them out its own way."""
        self.what, self.remedy, self.where = what, remedy, where
        self.code = code or type(self).code
        super().__init__(
            " ".join(part for part in (f"{where}:" if where else "", what, remedy) if part)
        )

    def to_dict(self) -> dict[str, object]:
        """The one JSON shape of an error, on every face."""
        return {
            "error": {
                "code": self.code,
                "what": self.what,
                "where": self.where,
                "remedy": self.remedy,
            }
        }


class UserError(TenureError):
    """Wrong use or wrong settings; the person who called can mend it."""

    exit_code = 2
    code = "use"


class DeclarationError(UserError):
    """A declaration (TOML) does not load."""

    code = "declaration"


class UnknownName(UserError):
    """A name that nobody declared."""

    code = "name.unknown"

    def __init__(self, kind: str, name: str, valid: Iterable[str], *, where: str = "") -> None:
        """List the near misses, or all valid names when there are few."""
        self.kind, self.name, self.valid = kind, name, sorted(valid)
        near = difflib.get_close_matches(name, self.valid, n=3, cutoff=0.5)
        if near:
            remedy = "Did you mean " + " or ".join(f"`{n}`" for n in near) + "?"
        elif len(self.valid) <= 30:
            remedy = "Known: " + ", ".join(f"`{n}`" for n in self.valid) + "."
        else:
            remedy = f"{len(self.valid)} are known; list them to choose one."
        super().__init__(f"There is no {kind} called `{name}`.", remedy=remedy, where=where)


class Question(UserError):
    """The data can be read in two ways; a person must say which."""

    exit_code = 3
    code = "question"


class SourceError(TenureError):
    """A file or source cannot be read as a whole; nothing of it was imported."""

    exit_code = 3
    code = "source"


class LakeError(TenureError):
    """The store cannot do what was asked: no space, a lock, damage."""

    exit_code = 4
    code = "lake"


class Bug(TenureError):
    """One of Tenure's own invariants broke; please report it with the state shown."""

    exit_code = 70
    code = "bug"
