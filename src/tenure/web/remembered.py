"""What was made of one set of rows is kept while those rows are shown: fifty people look at a few books.

A key holds whose sight it is (trust T2), so nobody is shown what was made for another's eyes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from tenure.desk.visible import Scope
from tenure.workspace.present import Present

MOST = 128
T = TypeVar("T")

_kept: OrderedDict[tuple[Hashable, ...], tuple[Present, Any]] = OrderedDict()
_lock = threading.Lock()


def remembered(present: Present, scope: Scope, *key: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives for these rows, this sight and this key; made once, while it is among the last 128 asked for.

    Args:
        present: the rows; others of the same day have answers of their own.
        scope: whose eyes it is for.
        key: everything else that it depends on.
        make: makes it; the result is shared and must not be changed.
    """
    whole = (id(present), *_sight(scope), *key)
    with _lock:
        found = _kept.get(whole)
        if found is not None and found[0] is present:
            _kept.move_to_end(whole)
            made: T = found[1]
            return made
    made = make()
    with _lock:
        _kept[whole] = (present, made)
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made


def _sight(scope: Scope) -> tuple[Hashable, ...]:
    """The accounts a person sees and edits, and as whom."""
    person = scope.person
    return (person.pk, person.role, person.member_id, scope.accounts)
