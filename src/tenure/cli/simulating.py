"""`tenure simulate`."""

from __future__ import annotations

from pathlib import Path

from tenure.cli.output import say, say_json
from tenure.cli.progress import Bar
from tenure.kernel import clock
from tenure.kernel.days import parse_day


def run_simulation(
    folder: Path,
    *,
    accounts: int,
    months: int,
    seed: int,
    users_per_account: float,
    active_days: float,
    end: str,
    world: str,
    as_json: bool,
) -> None:
    """Write the company and say how much of what was written."""
    from tenure.simulate import simulate

    with Bar(f"writing {accounts:,} accounts") as bar:
        volume = simulate(
            folder,
            accounts=accounts,
            months=months,
            seed=seed,
            users_per_account=users_per_account,
            active_days=active_days,
            end=clock.today("UTC") if end == "today" else parse_day(end),
            world=world,
            on_progress=lambda done, whole: bar("accounts", done / whole),
        )
    if as_json:
        say_json(
            {
                "folder": str(folder),
                "world": volume.world,
                "rows": volume.rows,
                "files": volume.files,
                "usage_detail": volume.usage_detail,
                "first_day": volume.first_day.isoformat(),
                "last_day": volume.last_day.isoformat(),
                "import_options": list(volume.import_options),
            }
        )
        return
    total = sum(volume.rows.values())
    say(
        f"{accounts:,} accounts over {months} months, {volume.first_day} to {volume.last_day}: {total:,} rows in {len(volume.files)} files in {folder}"
    )
    dearest = sorted(volume.rows.items(), key=lambda item: -item[1])[:6]
    say("  " + ", ".join(f"{name} {rows:,}" for name, rows in dearest) + ", …")
    if volume.usage_detail != "user":
        say(
            "  Usage is written per account and day: the size asked for would be too much per user."
        )
    options = "".join(f" {word}" for word in volume.import_options)
    say(f"  truth.json says what was planted. Next: tenure import {folder}{options}")
