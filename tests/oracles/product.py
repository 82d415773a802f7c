"""A generated company with everything around its product: seats, users, features, usage, limits, credits.

All of it is laid around one day, `today`, at the distances where windows begin and end. `world(seed)` is the same for
the same seed; what a table may leave empty is left empty somewhere, and some worlds never had one of the tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from oracles.company import Choose, company, seeded
from oracles.links import torn
from oracles.product_voices import voices
from oracles.reading import read
from oracles.renewals import look, unsettled

Row = dict[str, Any]
Rows = dict[str, list[Row]]

# The end of a year, a leap day and the day after, Sundays and the Saturday before, a week that holds a New Year.
TODAYS = [
    date(2025, 12, 31),
    date(2024, 2, 29),
    date(2024, 3, 1),
    date(2025, 9, 28),
    date(2025, 9, 27),
    date(2025, 1, 5),
    date(2024, 12, 31),
    date(2025, 2, 28),
    date(2025, 6, 30),
]
EDGES = [0, 1, 6, 7, 13, 14, 26, 27, 28, 29, 55, 56, 57, 83, 84, 89, 90, 91]
GRACES = (30, 0)
# Nothing here reads them, and a table costs the same whether it is read or not.
BESIDE = ["fx_rates", "account_assignments", "opportunities", "risk_flags", "team_members"]
DEPARTMENTS = ["Sales", " sales ", "SALES", "Legal", "legal", "  ", "", None, "Finance"]
FEATURES = ["basic", "export", "audit", "never-bought", "on-trial", "unlabelled"]
MAY_LACK = [
    ["usage_daily"],
    ["product_users", "usage_limits"],
    ["features"],
    ["usage_limits"],
    ["tickets"],
    ["feedback"],
    ["survey_responses"],
    ["advocacy_events"],
    ["playbook_runs"],
    ["activities"],
    ["tickets", "survey_responses"],
    ["activities", "feedback"],
    ["contracts", "contract_lines", "usage_limits"],
]


@dataclass(frozen=True)
class World:
    """A company, the zone its days are counted in, and the day everything is laid around."""

    rows: Rows
    zone: str
    today: date

    @property
    def days(self) -> list[date]:
        """The days to ask about: today and its neighbours, the window before, the month before."""
        return [self.today + timedelta(days=days) for days in (0, 1, -1, -28, -30)]


def world(seed: int) -> World:
    """The world of a seed."""
    choose = seeded(seed)
    today = TODAYS[seed % len(TODAYS)]
    zone = choose(["UTC", "UTC", "America/New_York", "Asia/Kolkata"])
    while True:
        rows = company(choose, calm=choose([True, False]))
        if 2 <= len(rows["accounts"]) <= 4:
            rows = {table: own for table, own in rows.items() if table not in BESIDE}
            _Writer(rows, choose, today).write()
            voices(rows, choose, today)
            found = World(rows, zone, today)
            if _is_settled(found):
                break
    if seed % 2 == 0:
        for table in MAY_LACK[seed // 2 % len(MAY_LACK)]:
            del rows[table]
    if seed % 7 == 0:
        rows[choose([table for table in rows if table not in ("accounts", "contracts")])] = []
    return found


def _is_settled(found: World) -> bool:
    """Nothing in the contracts that two honest readers could read differently."""
    told = read(found.rows)
    return not any(
        torn(told, day, grace) or unsettled(look(told, day, grace))
        for day in found.days
        for grace in GRACES
    )


class _Writer:
    """Adds the tables of the product to a company."""

    def __init__(self, rows: Rows, choose: Choose, today: date) -> None:
        self.rows, self.choose, self.today = rows, choose, today
        self.keys: set[tuple[Any, ...]] = set()

    def maybe(self, *, one_in: int) -> bool:
        return self.choose([False] * (one_in - 1) + [True])

    def write(self) -> None:
        """Everything, account by account."""
        for line in self.rows["contract_lines"]:
            line |= {"quantity": None, "unit": None}
        for table in ("product_users", "usage_daily", "usage_limits"):
            self.rows[table] = []
        self.rows["features"] = _features()
        for row in self.rows["accounts"]:
            self.start(row)
        for contract in list(self.rows["contracts"]):
            if contract["status"] != "draft":
                self.add_lines(contract)
        self.add_accounts()
        for row in self.rows["accounts"]:
            if row["account_id"] != "N1":
                self.add_use(row["account_id"])

    def start(self, row: Row) -> None:
        days = [None, None, None, 800, 30, 60, 83, 84, 77]
        if self.maybe(one_in=12):
            days = [-10]
        back = self.choose(days)
        row["start_date"] = None if back is None else self.today - timedelta(days=back)

    def add_accounts(self) -> None:
        """One with numbers that meet a line exactly; one each of free, on trial, empty, to come, unheard of."""
        self.exact()
        if self.maybe(one_in=2):
            self.account("F1", business_model="plg", start_date=self.back(40))
        if self.maybe(one_in=2):
            self.account("T1", start_date=None)
            trial = self.contract("T1", "T1-trial", days=50)
            self.line(trial, quantity=Decimal(10), unit="seat", is_trial=True, product_id="trial")
        if self.maybe(one_in=2):
            self.account("N1", start_date=self.choose([None, self.back(300), self.back(20)]))
        if self.maybe(one_in=3):
            self.account("L1", start_date=self.back(-10))
        if self.maybe(one_in=3):
            start = self.back(self.choose([200, 0, -1]))
            self.line(None, account_id="Z1", arr=Decimal(500), start_date=start)

    def exact(self) -> None:
        seats, users, power = self.choose(
            [(20, 17, 4), (20, 16, 10), (5, 1, 1), (4, 2, 2), (10, 9, 5), (3, 5, 3), (10, 8, 2)]
        )
        self.account("X1", start_date=self.choose([None, self.back(400)]))
        held = self.contract("X1", "X1-c", days=400)
        self.line(held, quantity=Decimal(seats), unit="seat", arr=Decimal(1000))
        credits = self.choose([None, Decimal(5), Decimal(30), Decimal(1000)])
        self.line(held, quantity=credits, unit="credit", **self.own_dates(held))
        for number in range(users):
            self.user("X1", f"X1-u{number}", product_id=None, assigned_date=self.back(number))
        for number in range(power):
            self.days_of_use("X1", f"X1-u{number}", count=8, first=self.choose([0, 20]))

    def account(self, name: str, **more: Any) -> None:
        row = {"account_id": name, "name": f"Account {name}", "segment": "smb", "currency": "USD"}
        self.rows["accounts"].append(row | {"start_date": None} | more)

    def contract(self, account: str, name: str, *, days: int) -> Row:
        row: Row = dict.fromkeys(self.rows["contracts"][0])
        row |= {"contract_id": name, "account_id": account, "start_date": self.back(days)}
        row |= {"end_date": self.choose([None, self.back(-100)]), "status": "active"}
        self.rows["contracts"].append(row)
        return row

    def line(self, contract: Row | None, **more: Any) -> None:
        row: Row = dict.fromkeys(self.rows["contract_lines"][0])
        row |= {"line_id": f"p{len(self.rows['contract_lines'])}", "arr": Decimal(0)}
        row |= {"contract_id": contract["contract_id"] if contract else None}
        self.rows["contract_lines"].append(row | more)

    def back(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def add_lines(self, contract: Row) -> None:
        """Seats of one or several products, and credits, in a contract the company already has."""
        seats = self.choose([Decimal(20), Decimal(5), Decimal(4), Decimal(10), Decimal(3)])
        for product in self.choose(
            [[], [None], [None], ["alpha"], ["alpha", "beta"], ["alpha", "beta"], ["alpha", None]]
        ):
            more: Row = {"quantity": seats, "unit": "seat", "product_id": product}
            if self.maybe(one_in=5):
                more |= self.choose(
                    [
                        {"is_trial": True, "arr": None},
                        {"kind": "usage", "arr": None},
                        {"kind": "one_time", "arr": None, "product_id": "gamma"},
                        {"quantity": None},
                        {"quantity": Decimal(0)},
                        {"unit": "flat"},
                        {"unit": None},
                    ]
                )
            elif self.maybe(one_in=5):
                more |= self.own_dates(contract)
            self.line(contract, **more)
        if not contract["auto_renew"] and self.maybe(one_in=2):
            amount = self.choose([Decimal(1000), Decimal(100), Decimal("37.5"), None])
            self.line(contract, quantity=amount, unit="credit", **self.own_dates(contract))
            if self.maybe(one_in=4):
                self.line(
                    contract,
                    quantity=Decimal(50),
                    unit="credit",
                    is_trial=self.choose([None, True]),
                )

    def own_dates(self, contract: Row) -> Row:
        """Dates of its own for a line: none, or ones that begin or end around today."""
        start, end = contract["start_date"], contract["end_date"]
        edge = self.back(self.choose([0, -1, 1, 10, 27]))
        if edge <= start or (end is not None and edge >= end):
            return {}
        return self.choose([{}, {"start_date": edge}, {"end_date": edge}])

    def user(self, account: str, name: str, **more: Any) -> None:
        row = {
            "product_user_id": name,
            "product_id": None,
            "account_id": account,
            "department": self.choose(DEPARTMENTS),
            "assigned_date": self.back(200),
            "removed_date": None,
            "is_internal": None,
        }
        self.rows["product_users"].append(row | more)

    def add_use(self, account: str) -> None:
        """Users and what they did; some accounts are counted as a whole, some not at all."""
        style = self.choose(["named", "named", "named", "mixed", "anonymous", "none"])
        people: list[Any] = [f"{account}-ghost"] if self.maybe(one_in=2) else []
        if account != "X1":
            people += self.add_users(account)
        if style == "none" and account != "X1":
            return
        if style == "anonymous" and account != "X1":
            people = [None]
        elif style == "mixed" or not people:
            people.append(None)
        for person in people:
            count = self.choose([0, 1, 7, 8, 9])
            self.days_of_use(account, person, count=count, first=self.choose([0, 0, 19, 20, 21]))
        self.weeks_of_use(account, people)
        for _ in range(self.choose([0, 2, 5])):
            self.use(account, self.choose(people), self.choose(EDGES))
        self.use(account, self.choose(people), self.choose([-1, -3]))
        self.add_limits(account)

    def add_users(self, account: str) -> list[Any]:
        products = self.choose(
            [[None], [None], ["alpha"], ["alpha", "beta"], ["alpha", "beta", None]]
        )
        names = []
        for number in range(self.choose([0, 1, 3, 4, 5])):
            name = f"{account}-u{number}"
            names.append(name)
            product = self.choose(products)
            changed = self.choose(
                [{}] * 5
                + [
                    {"is_internal": True},
                    {"is_internal": False, "removed_date": self.today},
                    {"removed_date": self.back(-1)},
                    {"removed_date": self.back(self.choose([10, 28]))},
                    {"assigned_date": self.back(self.choose([0, -1, 1, 28]))},
                    {"assigned_date": None},
                ]
            )
            self.user(account, name, product_id=product, **changed)
            if self.maybe(one_in=6):
                other = "beta" if product == "alpha" else "alpha"
                department = self.rows["product_users"][-1]["department"]
                self.user(account, name, product_id=other, department=department)
        return names

    def days_of_use(self, account: str, person: Any, *, count: int, first: int) -> None:
        """So many distinct days, one after another; from 20 days back, eight of them end on the window's edge."""
        for back in range(first, first + count):
            self.use(account, person, back, event_count=self.choose([1, 2, 5]))
            if self.maybe(one_in=5):
                self.use(account, person, back)

    def weeks_of_use(self, account: str, people: list[Any]) -> None:
        """A row a week on its first or last day: even, with gaps, in spikes, or only lately."""
        pattern = self.choose([[7], [7, 7, 0], [1, 40], [0], [5, None]])
        begins = self.choose([14, 14, 11, 3, 0])
        sunday = self.back(self.today.isoweekday() % 7)
        for week in range(begins):
            events = pattern[week % len(pattern)]
            back = (self.today - sunday).days + 7 * week + self.choose([0, 6])
            if events is not None:
                self.use(account, self.choose(people), back, event_count=events)

    def use(self, account: str, person: Any, back: int, **more: Any) -> None:
        amount = self.choose([None, None, None, Decimal("2.5"), Decimal(10), Decimal("0.333333")])
        row = {
            "account_id": account,
            "product_user_id": person,
            "usage_date": self.back(back),
            "feature_id": self.choose([None, *FEATURES]),
            "source_row_id": None,
            "event_count": self.choose([1, 1, 2, 3, 5, 0]),
            "units": None,
        } | more
        if row["event_count"] and amount is not None:
            row["units"] = amount
            if not more and self.maybe(one_in=3):
                row["event_count"] = None
        key = (person, account, back, row["feature_id"])
        if key in self.keys:
            row["source_row_id"] = f"s{len(self.rows['usage_daily'])}"
        self.keys.add(key)
        self.rows["usage_daily"].append(row)

    def add_limits(self, account: str) -> None:
        for number in range(self.choose([0, 0, 1, 2])):
            start = self.back(self.choose([300, 60, 27, 0]))
            self.rows["usage_limits"].append(
                {
                    "account_id": account,
                    "limit_name": f"limit {number}",
                    "measure": self.choose(["events", "units", "seats", "events", None]),
                    "feature_id": self.choose([None, None, "basic", "export"]),
                    "amount": self.choose([Decimal(10), Decimal(20), Decimal(5), Decimal(2)]),
                    "window_days": self.choose([None, 7, 28, 1]),
                    "start_date": start,
                    "end_date": self.choose([None, start + timedelta(days=30)]),
                }
            )


def _features() -> list[Row]:
    """Basic, advanced, of a product or of none, of one nobody has, of one on trial, of no level."""
    described = [
        ("basic", None, "basic"),
        ("export", None, "advanced"),
        ("audit", "alpha", "advanced"),
        ("never-bought", "omega", "advanced"),
        ("on-trial", "trial", "advanced"),
        ("unlabelled", "beta", None),
        ("once", "gamma", "advanced"),
    ]
    return [
        {"feature_id": name, "product_id": product, "name": name.title(), "level": level}
        for name, product, level in described
    ]
