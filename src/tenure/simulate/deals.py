"""Deals: how contracts were won, what is in the pipeline, and what the sources say about churn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random

from tenure.simulate.accounts import Account
from tenure.simulate.contracts import Contract, Life
from tenure.simulate.scale import Scale, days
from tenure.simulate.write import Sheets, money

RENEWAL_OPENS = days(120)


@dataclass(slots=True)
class Deals:
    """Writes the deals of one account."""

    sheets: Sheets
    scale: Scale
    who: Account
    draw: Random
    count: int = field(default=0)

    def deal(
        self, kind: str, stage: str, arr: int, created: date, close: date, **more: object
    ) -> str:
        """One deal; returns its id."""
        self.count += 1
        deal_id = f"O{self.who.number:06d}-{self.count}"
        chance = {"closed_won": "1", "closed_lost": "0"}.get(
            stage
        ) or f"{self.draw.uniform(0.1, 0.9):.2f}"
        cells: dict[str, object] = {
            "opportunity_id": deal_id,
            "account_id": self.who.id,
            "opportunity_type": kind,
            "stage": stage,
            "is_qualified": stage == "closed_won" or self.draw.random() < 0.65,
            "amount_arr": money(max(0, arr)),
            "probability": chance,
            "currency": self.who.currency,
            "created_date": min(created, close, self.scale.last),
            "close_date": close,
            "owner_id": self.who.ae_id,
        }
        self.sheets.row("opportunities", cells | more)
        return deal_id


def write_deals(sheets: Sheets, scale: Scale, who: Account, life: Life) -> str | None:
    """The rows of `opportunities`; returns the deal that won the account, if Sales won it."""
    deals = Deals(sheets, scale, who, scale.stream("deals", who.number))
    draw, won = deals.draw, None
    followers = {contract.renews: contract for contract in life.contracts if contract.renews}
    for contract in life.contracts:
        if contract is life.contracts[0] and who.model != "plg":
            created = contract.signed - days(draw.uniform(25, 160))
            worth = contract.in_force(contract.start)
            won = deals.deal(
                "new_business",
                "closed_won",
                worth,
                created,
                contract.signed,
                contract_id=contract.id,
            )
        _renewal(deals, contract, followers.get(contract.id))
        for line in contract.lines:
            if line.reason in ("seats", "add_on") and contract.start < line.start <= scale.last:
                signed = line.start - days(draw.uniform(0, 12))
                created = signed - days(draw.uniform(10, 70))
                deals.deal(
                    "expansion",
                    "closed_won",
                    line.item.arr,
                    created,
                    signed,
                    contract_id=contract.id,
                )
    paying = bool(life.spans()) and life.spans()[-1][1] is None
    if paying:
        _pipeline(deals, life)
    return won


def _renewal(deals: Deals, contract: Contract, follower: Contract | None) -> None:
    """A deal per contract that falls due, from four months before."""
    scale, outcome = deals.scale, contract.outcome
    if outcome.due is None or contract.auto or outcome.word == "trial":
        return
    created = max(outcome.due - RENEWAL_OPENS, contract.start)
    if created > scale.last:
        return
    about: dict[str, object] = {"due_date": outcome.due, "contract_id": contract.id}
    worth = outcome.renewable or contract.in_force(min(scale.last, outcome.due - days(1)))
    if follower is not None:
        close = min(follower.signed, scale.last)
        deals.deal("renewal", "closed_won", outcome.renewed or worth, created, close, **about)
    elif outcome.word == "lost":
        close = contract.notice or min(outcome.due + days(20), scale.last)
        deals.deal("renewal", "closed_lost", worth, created, close, **about)
    elif outcome.word in ("not_due", "open"):
        deals.deal("renewal", "open", worth, created, max(outcome.due, created), **about)


def _pipeline(deals: Deals, life: Life) -> None:
    """Open and lost expansions; some are past their closing day and still open."""
    draw, scale = deals.draw, deals.scale
    worth = life.balances()[-1][1]
    if draw.random() < 0.22 + 0.06 * deals.who.quality:
        created = scale.last - days(draw.uniform(5, 150))
        close = max(created, scale.last + days(draw.uniform(-40, 120)))
        deals.deal("expansion", "open", round(worth * draw.uniform(0.08, 0.4)), created, close)
    if draw.random() < 0.15:
        close = scale.last - days(draw.uniform(1, 300))
        created = close - days(draw.uniform(10, 90))
        deals.deal(
            "expansion", "closed_lost", round(worth * draw.uniform(0.05, 0.3)), created, close
        )


def write_statements(sheets: Sheets, scale: Scale, who: Account, life: Life) -> None:
    """The rows of `churn_statements`: a flag per account and events, which disagree with contracts now and then."""
    draw = scale.stream("statements", who.number)
    spans = life.spans()
    gone = bool(spans) and spans[-1][1] is not None
    said = gone if draw.random() < 0.9 else draw.random() < 0.2
    base: dict[str, object] = {"account_id": who.id}
    if said:
        flag = {"statement_id": "churn_flag", "kind": "flag", "says": "true"}
        sheets.row("churn_statements", base | flag)
    number = 0
    for contract in life.contracts:
        if contract.outcome.word == "lost" and contract.end is not None and draw.random() < 0.85:
            number += 1
            stated = min(contract.end + days(draw.choice((0, 0, 1, 5, -10))), scale.last)
            event = {"statement_id": f"event-{number}", "kind": "event", "stated_on": stated}
            reason = contract.exit_reason or draw.choice(("unknown", "price"))
            sheets.row("churn_statements", base | event | {"reason": reason, "says": "churned"})
