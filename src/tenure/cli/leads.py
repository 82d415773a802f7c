"""`tenure pql`: the accounts that have outgrown what they bought, with what was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenure.cli.output import say, say_json
from tenure.kernel.wording import counted, short_money

if TYPE_CHECKING:
    from tenure.workspace import Workspace


def run_leads(ws: Workspace, as_of: str | None, limit: int, *, as_json: bool) -> None:
    """Accounts that meet most rules first; then each rule with what it could say and whose it is."""
    found = ws.pql(as_of)
    if as_json:
        say_json(found.to_dict())
        return
    say(f"{counted(len(found), 'product-qualified account')} on {found.as_of}")
    for lead in found.leads[:limit]:
        pays = short_money(lead.arr) if lead.pays else "pays nothing yet"
        risk = f", also at risk ({counted(lead.at_risk, 'open flag')})" if lead.at_risk else ""
        say(f"\n{lead.name} (`{lead.account}`), {lead.segment or 'no segment'}, {pays}{risk}")
        for met in lead.met:
            say(f"    {met.says}")
    if len(found) > limit:
        say(f"\n… and {len(found) - limit:,} more: --limit {len(found)}")
    say("\nRules")
    width = max((len(one.rule.id) for one in found.rules), default=0)
    for one in found.rules:
        say(f"  {one.rule.id:<{width}}  {one.says}")
