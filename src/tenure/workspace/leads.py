"""Product-qualified accounts behind the notebook's door: the rules held against what is known on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from tenure.kernel.days import ONE_DAY
from tenure.kernel.errors import UserError
from tenure.kernel.wording import UNKNOWN_WORDS
from tenure.lake.values import WHY
from tenure.metrics.asked import GRACE_DAYS
from tenure.metrics.derived.seat_days import is_assigned
from tenure.metrics.history.made import has_history
from tenure.metrics.questions import Day, day_of
from tenure.signals.exits import live_on
from tenure.signals.in_use import UNITS, For, InUse
from tenure.signals.leads import Judged, Lead, LeadRule, Leads, Met, leads_of, rules_of
from tenure.signals.lines import Line
from tenure.signals.thresholds import metric as speech
from tenure.workspace.flag_rows import FlagDoor, asked_of, is_open, kept_rows
from tenure.workspace.keeping import live
from tenure.workspace.thresholds import Thresholds

Told = tuple[Judged, Mapping[str, Met]]
Values = Mapping[str, Mapping[str, Any]]


class LeadDoor(FlagDoor, Protocol):
    """What leads need of a workspace."""

    folder: Path


class WithLeads:
    """The part of a workspace that says who has outgrown what it bought."""

    __slots__ = ()

    def pql(self: LeadDoor, as_of: Day = None) -> Leads:
        """Product-qualified accounts on a day, each with the rules it meets and what was seen.

        The rules are ours (`seats`, `usage_limit`, `feature_unlock`, `power_users`) and the workspace's own files
        `catalogue/leads/<id>.toml`. The days on which rules turned true are the metric `pql`.

        Args:
            as_of: today by default, or the last day of the facts if that is earlier.

        Raises:
            DeclarationError: a rule's file does not load. UnknownName: a rule names no metric.
        """
        today = self.defaults.today
        day = day_of(as_of) or min(self.data_span().last or today, today)
        rules = [rule for rule in rules_of(self.folder / "catalogue").values() if not rule.off]
        accounts = _accounts(self, day)
        values = _values(self, [rule for rule in rules if rule.kind == "metric"], day)
        tell = {"limit": _limits, "feature": _features}
        found = [
            _metric(self, rule, values, accounts, (day, day_of(as_of) or today))
            if rule.kind == "metric"
            else tell[rule.kind](self, rule, accounts, day)
            for rule in rules
        ]
        return leads_of(day, accounts, found)


def _accounts(door: LeadDoor, day: date) -> dict[str, Lead]:
    """Accounts that have begun and have not left: those that pay, and those that never did."""
    reading, names = door.computed().reading, door.names_of("accounts")
    arr = {account: held for _, account, held in live_on(reading, (day,), day + ONE_DAY)}
    paid = {a for a, first in reading.first_arr_days(GRACE_DAYS, day).items() if first <= day}
    risks: dict[str, int] = {}
    for flag in kept_rows(door):
        if is_open(flag, day) and asked_of(flag) == "renew":
            risks[flag["account_id"]] = risks.get(flag["account_id"], 0) + 1
    found = {}
    for account in sorted(reading.known_accounts(day)):
        began, row = reading.began(account), reading.accounts().get(account) or {}
        if (began is not None and began > day) or (account in paid and account not in arr):
            continue
        found[account] = Lead(
            account, names.get(account, account), str(row.get("segment") or ""),
            arr.get(account, Decimal(0)), account in arr, (), risks.get(account, 0),
        )  # fmt: skip
    return found


def _values(door: LeadDoor, rules: Iterable[LeadRule], day: date) -> Values:
    """By account what the metrics of the rules say, with the reason where they say nothing."""
    metrics = [door.catalogue.find(rule.metric)[0] for rule in rules]
    for metric in metrics:
        if not has_history(metric):
            raise UserError(
                f"`{metric.id}` has no number per account, so no rule can go by it.",
                remedy="Name a metric with a number per account, such as `seat_utilization`.",
                code="lead.metric",
            )
    if not metrics:
        return {}
    frame = live(metrics, (day,), door.computed(), door.defaults, None)
    return {row["account_id"]: dict(row) for row in frame}


def _metric(
    door: LeadDoor,
    rule: LeadRule,
    values: Values,
    accounts: Mapping[str, Lead],
    days: tuple[date, date],
) -> Told:
    """Accounts whose value lies beyond the rule's line, or the line in use for growth (of their segment).

    `days`: that of the values, and that whose lines count: today's where no day was asked for.
    """
    day, decided = days
    metric = door.catalogue.find(rule.metric)[0]
    spoken = speech.Metric(metric.id, UNITS.get(metric.unit, "").replace("bool", ""))
    lines = {} if rule.line else _in_use(door, metric.id, decided)
    if not rule.line and not lines:
        why = f"no line says from where on `{metric.id}` is ready to grow; accept or set one with --asked grow"
        return Judged(rule, "", rule.whose, refused=why), {}
    general = lines.get("")
    met, known = dict[str, Met](), 0
    for account, lead in accounts.items():
        value = values.get(account, {}).get(metric.id)
        in_use = lines.get(lead.segment, general)
        line: Line | None = rule.line or (in_use.at_risk[0] if in_use else None)
        if value is None or line is None:
            continue
        known += 1
        if line.beyond(float(value)):
            whose = rule.whose if in_use is None else _whose(in_use)
            says = f"{metric.title}: {spoken.number(float(value))}, {spoken.line(line)}"
            met[account] = Met(rule.id, says, whose, float(value), day, metric.id)
    shown: Line | None = rule.line or (general.at_risk[0] if general else None)
    told = spoken.line(shown) if shown else "a line for each segment"
    whose = rule.whose if general is None else _whose(general)
    if not known:
        words = {str(row.get(metric.id + WHY) or "no_data") for row in values.values()}
        reasons = ", ".join(sorted(UNKNOWN_WORDS.get(word, word) for word in words))
        needs = " and ".join(f"`{need}`" for need in metric.needs)
        refused = f"`{metric.id}` is known of no account ({reasons or 'no data'}); it needs {needs}"
        return Judged(rule, told, whose, refused=refused), {}
    return Judged(rule, told, whose, known, len(accounts) - known, len(met)), met


def _in_use(door: LeadDoor, metric: str, day: date) -> dict[str, InUse]:
    """The lines in use for growth by segment; the general one under the empty name."""
    thresholds = Thresholds(door)
    declared, entries = door.catalogue.find(metric)[0], thresholds.entries(day)
    found = {}
    for of in thresholds.lines_of(declared, entries, "grow"):
        line = thresholds.stages(declared, entries, For("grow", of.segment))[-1].line
        if line is not None:
            found[of.segment] = line
    return found


def _whose(line: InUse) -> str:
    words = {
        "preset": line.says[:1].lower() + line.says[1:].rstrip("."),
        "set": f"set by hand, {line.version}",
    }
    return words.get(line.origin) or f"learned from your data, {line.status}, {line.version}"


def _limits(door: LeadDoor, rule: LeadRule, accounts: Mapping[str, Lead], day: date) -> Told:
    """Accounts whose use came to the share of a limit within the rule's days; of seats: that hold it now."""
    reading, share = door.computed().reading, Decimal(str(rule.value))
    told = f"at {share:.0%} of a limit or more in the last {rule.within_days} days".replace(
        "%", " %"
    )
    if not reading.has("usage_limits"):
        why = "no `usage_limits` have been delivered, so nobody's plan is known"
        return Judged(rule, told, rule.whose, refused=why), {}
    limits = [
        row
        for row in reading.rows("usage_limits")
        if row["start_date"] <= day and (row["end_date"] is None or row["end_date"] > day)
    ]
    found = dict[str, Met]()
    has_usage, has_users = reading.has("usage_daily"), reading.has("product_users")
    if has_usage:
        made = reading.relation("limit_days", {"on_day": day, "limit_threshold": float(share)})
        rows = reading.query(
            f"select account_id, limit_name, max(day)::date from {made} "  # noqa: S608 - our own name
            "where day > $since and day <= $day group by account_id, limit_name order by all",
            since=day - timedelta(days=rule.within_days),
            day=day,
        )
        for account, name, on in rows:
            says = f"{name}: came to {share:.0%} of its limit on {on}".replace("%", " %")
            found.setdefault(account, Met(rule.id, says, rule.whose, float(share), on, name))
    users: dict[str, int] = {}
    for row in reading.rows("product_users"):
        if is_assigned(row, day):
            users[row["account_id"]] = users.get(row["account_id"], 0) + 1
    for limit in limits:
        account, held = limit["account_id"], users.get(limit["account_id"], 0)
        if limit["measure"] != "seats" or not limit["amount"] or account in found:
            continue
        part = Decimal(held) / Decimal(str(limit["amount"]))
        if part >= share:
            says = f"{limit['limit_name']}: {held:,} of {float(limit['amount']):,.0f} given out"
            found[account] = Met(rule.id, says, rule.whose, float(part), day, limit["limit_name"])
    counted = {"seats": has_users, "events": has_usage, "units": has_usage}
    known = {row["account_id"] for row in limits if counted.get(row["measure"])} & set(accounts)
    met = {account: one for account, one in found.items() if account in known}
    return Judged(rule, told, rule.whose, len(known), len(accounts) - len(known), len(met)), met


def _features(door: LeadDoor, rule: LeadRule, accounts: Mapping[str, Lead], day: date) -> Told:
    """Accounts that used a feature of the level for the first time within the rule's days; not brand-new ones."""
    reading, since = door.computed().reading, day - timedelta(days=rule.within_days)
    told = f"{rule.least} uses or more of a feature first used in the last {rule.within_days} days"
    lacking = [name for name in ("usage_daily", "features") if not reading.has(name)]
    if lacking:
        named = " and ".join(f"`{name}`" for name in lacking)
        why = f"no {named} have been delivered, so nobody knows what is used"
        return Judged(rule, told, rule.whose, refused=why), {}
    levels = reading.rows("features")
    if not any(row["level"] == rule.level for row in levels):
        why = f"no feature is marked `{rule.level}` in `features.level`"
        return Judged(rule, told, rule.whose, refused=why), {}
    # Whoever began within the days uses everything for the first time, which tells nothing.
    first = dict(
        reading.query(
            "select account_id, min(usage_date)::date from usage_daily "
            "where event_count > 0 group by account_id"
        )
    )
    inside = ""
    if reading.has("product_users"):
        inside = (
            " and not exists (select 1 from product_users as who"
            " where who.product_user_id = used.product_user_id and who.is_internal)"
        )
    rows = reading.query(
        "select used.account_id, coalesce(max(feature.name), feature_id), min(usage_date)::date, sum(event_count) "
        "from usage_daily as used join features as feature using (feature_id) "
        f"where feature.level = $level and event_count > 0 and usage_date <= $day{inside} "  # noqa: S608 - our own text
        "group by used.account_id, feature_id "
        "having min(usage_date) > $since and sum(event_count) >= $least order by 1, 4 desc, 2",
        level=rule.level,
        day=day,
        since=since,
        least=rule.least,
    )
    known = {a for a in accounts if first.get(a) is not None and first[a] <= since}
    met = dict[str, Met]()
    for account, name, on, uses in rows:
        if account in known and account not in met:
            says = f"{name}: first used on {on}, {int(uses):,} times since"
            met[account] = Met(rule.id, says, rule.whose, float(uses), on, name)
    return Judged(rule, told, rule.whose, len(known), len(accounts) - len(known), len(met)), met
