"""What differs between large, middle and small customers: price, people, care and loyalty."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment. Caseload and ARR keep a person's book within the source documents' benchmarks."""

    name: str
    share: float
    arr_median: int
    arr_spread: float
    users: float
    seat_share: float
    caseload: int
    yearly_loss: float
    terms: tuple[tuple[int, float], ...]
    models: tuple[tuple[str, float], ...]
    touch_days: int
    contacts: tuple[int, int]
    sponsored: float
    tickets_a_month: float


SEGMENTS = (
    Segment(
        name="enterprise", share=0.12, arr_median=550_000, arr_spread=0.55, users=3.2,
        seat_share=0.25, caseload=12, yearly_loss=0.055,
        terms=((12, 0.35), (24, 0.25), (36, 0.4)),
        models=(("sales_led", 0.55), ("seat", 0.25), ("consumption", 0.2)),
        touch_days=14, contacts=(5, 9), sponsored=0.93, tickets_a_month=2.2,
    ),
    Segment(
        name="mid_market", share=0.33, arr_median=48_000, arr_spread=0.5, users=1.25,
        seat_share=0.7, caseload=45, yearly_loss=0.085,
        terms=((12, 0.7), (24, 0.2), (36, 0.1)),
        models=(("sales_led", 0.4), ("seat", 0.45), ("consumption", 0.15)),
        touch_days=30, contacts=(3, 5), sponsored=0.82, tickets_a_month=0.9,
    ),
    Segment(
        name="smb", share=0.55, arr_median=6_500, arr_spread=0.6, users=0.44,
        seat_share=1.0, caseload=165, yearly_loss=0.13,
        terms=((12, 1.0),),
        models=(("seat", 0.5), ("plg", 0.4), ("consumption", 0.1)),
        touch_days=90, contacts=(1, 3), sponsored=0.4, tickets_a_month=0.3,
    ),
)  # fmt: skip

CURRENCIES = (("USD", 0.6), ("EUR", 0.28), ("GBP", 0.12))
COUNTRIES = {
    "USD": (("US", "America/New_York"), ("US", "America/Los_Angeles"), ("CA", "America/Toronto")),
    "EUR": (("DE", "Europe/Berlin"), ("FR", "Europe/Paris"), ("NL", "Europe/Amsterdam")),
    "GBP": (("GB", "Europe/London"), ("IE", "Europe/Dublin")),
}
PRODUCTS = ("core", "platform", "analytics", "credits")
DEPARTMENTS = ("Operations", "Finance", "Marketing", "Sales", "IT", "HR", "Support")
EXIT_REASONS = (
    ("price", 0.22), ("competitor", 0.2), ("not used enough", 0.2), ("missing feature", 0.14),
    ("budget cut", 0.12), ("sponsor left", 0.12),
)  # fmt: skip

FEATURES = (
    ("dashboards", "core", "basic"), ("search", "core", "basic"), ("import", "core", "basic"),
    ("sharing", "core", "basic"), ("workflows", "core", "advanced"),
    ("approvals", "core", "advanced"), ("api", "platform", "advanced"),
    ("sso", "platform", "basic"), ("audit_log", "platform", "advanced"),
    ("forecasts", "analytics", "advanced"), ("reports", "analytics", "basic"),
    ("jobs", "credits", "basic"), ("batch_jobs", "credits", "advanced"),
)  # fmt: skip
