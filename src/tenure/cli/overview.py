"""`tenure overview`: the company on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tenure.cli.output import say, sparkline
from tenure.kernel.days import (
    ONE_DAY,
    add_months,
    last_complete_quarter,
    month_of,
    month_start,
    quarter_of,
)
from tenure.kernel.wording import counted, percent, short_money, unknown
from tenure.metrics.answer import Answer, plain
from tenure.metrics.questions import day_of

if TYPE_CHECKING:
    from tenure.workspace import Workspace

MONTHS = 13
WATCH_DAYS = 90


def overview_of(ws: Workspace, as_of: str | None) -> dict[str, Any]:
    """Everything the screen shows, as JSON types.

    Read on the last day the facts speak of, if that is before today: a balance of today over an export of
    last spring would show every contract since then as lost.
    """
    data = ws.data_span()
    day = day_of(as_of) or min(ws.defaults.today, data.last or ws.defaults.today)
    quarter = last_complete_quarter(day)
    month_ends = [
        add_months(month_start(day + ONE_DAY), -back) - ONE_DAY
        for back in range(MONTHS - 1, -1, -1)
    ]
    history = ws.metric("arr_movements", as_of=day, on=month_ends)
    in_force = ws.metric("arr_in_force", as_of=day)
    retention = ws.metric("nrr", as_of=day)
    renewed = ws.metric("gross_renewal_rate", start=quarter.start, end=quarter.end, as_of=day)
    return {
        "title": ws.settings.title,
        "currency": ws.settings.reporting_currency,
        "as_of": day.isoformat(),
        "facts": {
            "first": plain(data.first),
            "last": plain(data.last),
            "loaded_at": plain(data.loaded_at),
        },
        "snapshot": in_force.snapshot,
        "arr": _envelope(in_force, "arr", "active_accounts"),
        "arr_history": [
            {"month": month_of(end), "arr": plain(history.components["arr_on"][end.isoformat()])}
            for end in month_ends
        ]
        if history.unknown is None
        else [],
        "quarter": quarter_of(quarter.start),
        "rollforward": ws.metric(
            "arr_rollforward", start=quarter.start, end=quarter.end, as_of=day
        ).to_dict()["components"],
        "retention": _envelope(retention, "nrr", "grr", "logo_retention", "opening_logos"),
        "retention_period": retention.to_dict()["period"],
        "renewals": _envelope(renewed, "gross_renewal_rate", "renewable_arr", "open_arr"),
        "due_soon": _due_soon(ws, day, in_force),
        "risk": _envelope(
            ws.metric("retention_risk", as_of=day),
            "at_risk_accounts",
            "arr_at_risk",
            "share_of_arr",
        ),
        "pipeline": _envelope(ws.metric("expansion_pipeline", as_of=day), "count", "potential_arr"),
        "books": _books(ws, ws.metric("arr_per_csm", as_of=day)),
        "notes": _notes([in_force, retention, renewed]),
    }


def _envelope(answer: Answer, *names: str) -> dict[str, Any]:
    return {"unknown": answer.unknown} | {
        name: plain(answer.components.get(name)) for name in names
    }


def _due_soon(ws: Workspace, day: date, in_force: Answer) -> list[dict[str, Any]]:
    """The contracts that come up in the watch window, dearest first."""
    arr = in_force.components["arr_by_account"] or {}
    answer = ws.metric("days_to_renewal", as_of=day)
    clocks, cancelled = answer.components["by_account"] or {}, answer.components["cancelled"] or []
    names = ws.names_of("accounts")
    soon = [(a, days) for a, days in clocks.items() if days is not None and days <= WATCH_DAYS]
    return [
        {
            "account": a,
            "name": names.get(a),
            "days": days,
            "on": (day + timedelta(days=days)).isoformat(),
            "arr": plain(arr.get(a)),
            "cancelled": a in cancelled,
        }
        for a, days in sorted(soon, key=lambda item: (-(arr.get(item[0]) or 0), item[1], item[0]))
    ]


def _books(ws: Workspace, answer: Answer) -> list[dict[str, Any]]:
    if answer.unknown is not None:
        return []
    names = ws.names_of("team_members")
    status, accounts = answer.components["status"], answer.components["accounts"]
    return [
        {
            "csm": csm,
            "name": names.get(csm),
            "arr": plain(arr),
            "accounts": accounts[csm],
            "status": status[csm],
        }
        for csm, arr in sorted(answer.components["by_csm"].items(), key=lambda item: -item[1])
    ]


def _notes(answers: Sequence[Answer]) -> list[dict[str, str]]:
    seen = {}
    for answer in answers:
        for note in answer.findings:
            seen[note.code, note.says] = note.to_dict()
    return list(seen.values())


def show_overview(found: dict[str, Any]) -> None:
    """The screen, at most about forty lines of eighty letters."""
    facts = found["facts"]
    if facts["loaded_at"] is None:
        say(f"{found['title']}: nothing has been imported yet. Start with: tenure import FOLDER")
        return
    say(
        f"{found['title']} · {found['currency']} · as of {found['as_of']} · snapshot {found['snapshot']}"
    )
    say(
        f"facts from {facts['first'] or '–'} to {facts['last'] or '–'}, last loaded {(facts['loaded_at'] or '–')[:16].replace('T', ' ')} UTC"
    )
    arr, history = found["arr"], found["arr_history"]
    say("")
    if arr["unknown"]:
        say(f"  ARR in force            {unknown(arr['unknown'])}")
    else:
        bars = sparkline([point["arr"] for point in history])
        say(
            f"  ARR in force     {short_money(arr['arr']):>8}   {bars}  {history[0]['month']} to {history[-1]['month']}"
        )
        say(f"  Active accounts  {arr['active_accounts']:>8,}")
    _show_retention(found)
    _show_rollforward(found)
    _show_due(found["due_soon"])
    _show_risk(found)
    _show_books(found["books"])
    for note in found["notes"]:
        say(f"\n  {note['level']}: {note['says']}")
    say("\nOpen any number: tenure explain nrr · tenure explain arr_in_force --account ID")


def _show_retention(found: dict[str, Any]) -> None:
    kept, renewed = found["retention"], found["renewals"]
    if kept["unknown"] == "no_data":
        say(
            "\n  Nothing is known about contracts yet: import contracts.csv and contract_lines.csv."
        )
        return
    period = found["retention_period"]
    last = (day_of(period["end"]) or date.min) - ONE_DAY
    say(
        f"\n  Kept, {period['start']} to {last}, of {counted(kept['opening_logos'] or 0, 'account')} at the start"
    )
    say(
        f"    NRR {_rate(kept, 'nrr'):>9}     GRR {_rate(kept, 'grr'):>9}     logos {_rate(kept, 'logo_retention'):>9}"
    )
    open_arr = f" ({short_money(renewed['open_arr'])} still open)" if renewed["open_arr"] else ""
    say(
        f"    {found['quarter']}: {_rate(renewed, 'gross_renewal_rate')} renewed of {short_money(renewed['renewable_arr'])} that was due{open_arr}"
    )


def _rate(part: dict[str, Any], name: str) -> str:
    return unknown(part["unknown"] or "undefined") if part[name] is None else percent(part[name])


def _show_rollforward(found: dict[str, Any]) -> None:
    flow = found["rollforward"]
    if flow["opening_arr"] is None:
        return
    parts = [
        ("opening", flow["opening_arr"]),
        ("new", flow["new"]),
        ("expansion", flow["expansion"]),
        ("back", flow["reactivation"]),
    ]
    parts += [
        ("downsell", -flow["downsell"]),
        ("churn", -flow["churn"]),
        ("currency", flow["fx"]),
        ("closing", flow["closing_arr"]),
    ]
    say(f"\n  ARR in {found['quarter']}")
    say("    " + "".join(f"{name:>10}" for name, _ in parts))
    say("    " + "".join(f"{_signed(name, value):>10}" for name, value in parts))


def _signed(name: str, value: float) -> str:
    text = short_money(value)
    return f"+{text}" if value > 0 and name not in ("opening", "closing") else text


def _show_due(due: Sequence[dict[str, Any]]) -> None:
    coming = [item for item in due if not item["cancelled"]]
    leaving = [item for item in due if item["cancelled"]]
    if coming:
        say(f"\n  Renewals in the next {WATCH_DAYS} days: {len(coming)}, {_sum(coming)}")
    for item in coming[:5]:
        late = (
            f"{counted(-item['days'], 'day')} late"
            if item["days"] < 0
            else f"in {counted(item['days'], 'day')}"
        )
        say(
            f"    {(item['name'] or item['account'])[:28]:<28} {item['on']}  {late:<14} {short_money(item['arr']):>8}"
        )
    if len(coming) > 5:
        say(f"    … and {len(coming) - 5} more")
    if leaving:
        gone = counted(len(leaving), "account")
        say(
            f"\n  A cancelled contract ends in the next {WATCH_DAYS} days: {gone}, {_sum(leaving)} in all"
        )


def _sum(items: Sequence[dict[str, Any]]) -> str:
    return short_money(sum(item["arr"] or 0 for item in items))


def _show_risk(found: dict[str, Any]) -> None:
    risk, pipeline = found["risk"], found["pipeline"]
    at_risk = (
        unknown(risk["unknown"])
        if risk["unknown"]
        else f"{counted(risk['at_risk_accounts'], 'account')}, {short_money(risk['arr_at_risk'])} ({percent(risk['share_of_arr'])} of ARR)"
    )
    deals = (
        unknown(pipeline["unknown"])
        if pipeline["unknown"]
        else f"{counted(pipeline['count'], 'qualified deal')}, {short_money(pipeline['potential_arr'])}"
    )
    say(f"\n  At risk: {at_risk}\n  Expansion pipeline: {deals}")


def _show_books(books: Sequence[dict[str, Any]]) -> None:
    if not books:
        return
    say("\n  Books" + " " * 21 + "accounts       ARR   against the usual range")
    for book in books[:8]:
        say(
            f"    {(book['name'] or book['csm'])[:20]:<20} {book['accounts']:>11,} {short_money(book['arr']):>9}   {book['status'] or '–'}"
        )
    if len(books) > 8:
        say(f"    … and {len(books) - 8} more")
