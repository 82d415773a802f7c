"""What a reading of newer facts takes over from the one before: whatever was made of tables that say what they said."""

from __future__ import annotations

from collections.abc import Set

from tenure.metrics.reading import Reading

CONTRACTUAL = frozenset(
    {"accounts", "contracts", "contract_lines", "account_assignments", "fx_rates"}
)
MADE = ("accounts", "contracts", "lines", "seen", "rates", "owners", "first_assignments")
"""What is made of those tables and of nothing else, with all that is kept by day."""
OF = {"activity_contacts": "activities"}
"""Tables that are laid by the account of another one's rows."""


def take_over(now: Reading, before: Reading, same: Set[str]) -> None:
    """Spare `now` what `before` has made already.

    Args:
        now: a reading that nobody has asked yet.
        before: one of an earlier snapshot of the same lake, with the same ids read as one.
        same: the tables that have not changed between them.
    """
    kept = before._kept  # noqa: SLF001 - what is kept is a reading's own, and both are readings
    rows = {key: made for key, made in list(kept.items()) if _is_rows_of(key, same)}
    absent = {name for name in CONTRACTUAL if not (now.has(name) or before.has(name))}
    if same | absent >= CONTRACTUAL and before.reporting_currency == now.reporting_currency:
        rows |= {key: kept[key] for key in MADE if key in kept}
        now._recent = before._recent  # noqa: SLF001 - as above
    now.laid.update({n: own for n, own in before.laid.items() if {n, OF.get(n, n)} <= same})
    now._kept |= rows  # noqa: SLF001 - as above


def _is_rows_of(key: object, same: Set[str]) -> bool:
    return isinstance(key, tuple) and key[0] == "rows" and key[1] in same
