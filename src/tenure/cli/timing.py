"""`tenure time`: a time tracker's export becomes weekly totals on one's own machine, without a workspace."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenure.cli.output import say, say_json
from tenure.kernel.wording import counted

if TYPE_CHECKING:
    from tenure.facts.time_entries.activitywatch import Watched
    from tenure.facts.time_entries.totals import Total

time_app = typer.Typer(
    name="time",
    help="People's time: sum up a tracker's export before anybody else sees it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

NAMED = 12


@time_app.command()
def summarise(
    exports: Annotated[
        list[Path],
        typer.Argument(
            help="ActivityWatch exports: the JSON of all buckets, or the CSV of several."
        ),
    ],
    person: Annotated[str, typer.Option(help="Whose time it is: the user_id of team_members.")],
    out: Annotated[
        Path | None, typer.Option(help="Write the totals here, as CSV; they are shown in any case.")
    ] = None,
    time_zone: Annotated[
        str, typer.Option(help="Where days begin and end, such as Europe/Berlin.")
    ] = "UTC",
    categories: Annotated[
        Path | None,
        typer.Option(help="Words of your own: which program or site is which kind of work (TOML)."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON document instead of text.")
    ] = False,
) -> None:
    """Sum an export up to minutes per week and kind of work. Titles and addresses are not kept."""
    from tenure.facts.reading import Reading, checked
    from tenure.facts.time_entries.activitywatch import watched
    from tenure.facts.time_entries.categories import classifier
    from tenure.facts.time_entries.gathered import require_person
    from tenure.facts.time_entries.totals import summarised

    require_person(person, where="--person")
    zone = checked(Reading(time_zone=time_zone), where="--time-zone").time_zone
    words = classifier(required(categories) if categories else None)
    found = watched(
        [required(file).read_bytes() for file in exports], person=person, classifier=words
    )
    totals = summarised(found.intervals, zone)
    if out is not None:
        write_totals(totals, out)
    if json:
        say_json({"totals": [_plain(total) for total in totals], "time_zone": zone})
        return
    _show(totals, found, zone)
    if out is not None:
        say(
            f"Written to {out}: {counted(len(totals), 'row')}. Read it before you send it to anybody."
        )


def required(file: Path) -> Path:
    """The file, or an error that says that it is not there."""
    from tenure.kernel.errors import SourceError

    if not file.is_file():
        raise SourceError(
            "There is no such file.", where=str(file), remedy="Check the path.", code="file.missing"
        )
    return file


def write_totals(totals: Sequence[Total], out: Path) -> None:
    """The totals as a CSV that `tenure import` takes under the name time_totals.csv."""
    from tenure.facts.time_entries.gathered import COLUMNS

    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([_plain(total)[name] for name in COLUMNS] for total in totals)


def _plain(total: Total) -> dict[str, object]:
    return {
        "user_id": total.user_id,
        "week_start": total.week_start.isoformat(),
        "week_end": total.week_end.isoformat(),
        "category": total.category,
        "account_id": total.account_id or None,
        "minutes": total.minutes,
    }


def _show(totals: Sequence[Total], found: Watched, zone: str) -> None:
    """Hours per week and kind of work, then what only the person whose time it is should see."""
    from tenure.facts.time_entries.categories import kinds

    if not totals:
        say("No time at the keyboard in these exports.")
    weeks: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for total in totals:
        weeks[(str(total.week_start), str(total.week_end))][total.category] += total.minutes
    columns = [kind for kind in kinds() if any(kind in week for week in weeks.values())]
    if weeks:
        say(
            f"{'week (end not included)':<26}{''.join(f'{name:>17}' for name in columns)}{'all':>9}"
        )
    for (start, end), spent in sorted(weeks.items()):
        cells = "".join(f"{_hours(spent.get(kind, 0)):>17}" for kind in columns)
        say(f"{f'{start} to {end}':<26}{cells}{_hours(sum(spent.values())):>9}")
    say(
        f"Hours and minutes; days begin at midnight in {zone}; time away from the keyboard is left out."
    )
    if found.without_away:
        say(
            f"{counted(found.without_away, 'computer')} did not watch who was away: that time counts in full."
        )
    if found.unread:
        say(f"{counted(found.unread, 'event')} could not be read.")
    _show_unknown(found)


def _show_unknown(found: Watched) -> None:
    """The programs in no list, for the person's eyes only: they go into no file."""
    named = {app: lasted for app, lasted in found.unknown.items() if lasted >= timedelta(minutes=1)}
    if not named:
        return
    say("Programs in no list count as uncategorised. Only you see their names, here and now:")
    for app, lasted in list(named.items())[:NAMED]:
        say(f"  {app:<40} {_hours(lasted // timedelta(minutes=1)):>8}")
    if len(named) > NAMED:
        say(f"  … and {counted(len(named) - NAMED, 'more program')}")
    say("To place them, write a file of your own words and give it with --categories.")


def _hours(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"
