"""What was made of one set of rows is kept while those rows are shown: fifty people look at a few books.

A key holds which accounts are seen (trust T2), so nobody is shown what was made for another's eyes; what is made may
depend on nothing else of the reader. Who sees the same accounts is shown the same object.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from tenure.workspace.present import Present

MOST = 512
RENEWED = 16
"""Answers made ahead of time; the others when somebody asks."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, the rows it was made of, and how to make it of others."""

    present: Present
    made: Any
    sees: frozenset[str] | None
    key: tuple[Hashable, ...]
    make: Callable[[Present], Any]


_kept: OrderedDict[tuple[Hashable, ...], Kept] = OrderedDict()
_making: dict[tuple[Hashable, ...], tuple[threading.Lock, int]] = {}
_lock = threading.Lock()


def remembered(
    present: Present, sees: frozenset[str] | None, *key: Hashable, make: Callable[[Present], T]
) -> T:
    """What `make` gives for these rows, the accounts seen and this key; made once, while it is among the last 512 asked for.

    Args:
        present: the rows; others of the same day have answers of their own.
        sees: the accounts that it is made of, `Scope.accounts`; None: every one.
        key: everything else that it depends on.
        make: makes it of the rows it is given; the result is shared and must not be changed.
    """
    whole = (id(present), sees, *key)
    found = _found(whole, present)
    if found is None:
        with _turn(whole):  # whoever asks for the same meanwhile waits, and does not make it too
            found = _found(whole, present)
            if found is None:
                found = (make(present),)
                _keep(whole, Kept(present, found[0], sees, key, make))
    made: T = found[0]
    return made


def _found(whole: tuple[Hashable, ...], present: Present) -> tuple[Any] | None:
    with _lock:
        kept = _kept.get(whole)
        if kept is None or kept.present is not present:
            return None
        _kept.move_to_end(whole)
        return (kept.made,)


def _keep(whole: tuple[Hashable, ...], kept: Kept) -> None:
    with _lock:
        _kept[whole] = kept
        while len(_kept) > MOST:
            _kept.popitem(last=False)


def renew(before: Present, now: Present) -> None:
    """What everybody was shown lately of the rows before is made of newer ones, before these are shown."""
    with _lock:
        asked = [k for k in reversed(_kept.values()) if k.present is before and k.sees is None]
    for one in asked[:RENEWED]:
        remembered(now, None, *one.key, make=one.make)


@contextmanager
def _turn(whole: tuple[Hashable, ...]) -> Iterator[None]:
    with _lock:
        lock, waiting = _making.get(whole, (threading.Lock(), 0))
        _making[whole] = (lock, waiting + 1)
    try:
        with lock:
            yield
    finally:
        with _lock:
            lock, waiting = _making[whole]
            if waiting == 1:
                del _making[whole]
            else:
                _making[whole] = (lock, waiting - 1)
