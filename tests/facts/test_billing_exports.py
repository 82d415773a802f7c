"""Stripe, Recurly and ChartMogul exports, written here by hand: what each cell becomes, worked out beside it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tenure.facts.mapping import find_mapping
from tenure.facts.prepare import Settings
from tenure.workspace import Workspace

DASHBOARD = (
    "id,Customer ID,Customer Email,Customer Name,Plan,Product,Quantity,Currency,Interval,Amount,Status,"
    "Cancellation Reason,Created (UTC),Start (UTC),Start Date (UTC),Current Period Start (UTC),"
    "Current Period End (UTC),Trial Start (UTC),Trial End (UTC),Canceled At (UTC),Ended At (UTC),"
    "Cancel At Period End,team (metadata)\n"
    # 40 x 3 = 120 a month; the period ends on 1 July, which is the first day without service
    "s1,c1,a@x.io,Meridian,price_m,prod_1,3,usd,month,40.00,active,,2024-01-31 23:30,2024-01-31 23:30,"
    "2024-01-31 23:30,2024-06-01 00:00,2024-07-01 00:00,,,,,false,red\n"
    # clicked on 10 March, served until 1 May
    "s2,c1,a@x.io,Meridian,price_y,prod_2,1,usd,year,1200.00,canceled,payment_failed,2023-05-01 08:00,"
    "2023-05-01 08:00,2023-05-01 08:00,2023-05-01 08:00,2024-05-01 08:00,,,2024-03-10 09:15,2024-05-01 08:00,true,\n"
    "s3,c2,b@x.io,Baltic,price_m,prod_1,1,eur,month,40.00,trialing,,2024-06-01 00:00,2024-06-01 00:00,"
    "2024-06-01 00:00,2024-06-01 00:00,2024-06-15 00:00,2024-06-01 00:00,2024-06-15 00:00,,,false,\n"
    "s4,c2,b@x.io,Baltic,price_m,prod_1,1,eur,month,40.00,unpaid,,2024-01-01 00:00,2024-01-01 00:00,"
    "2024-01-01 00:00,2024-06-01 00:00,2024-07-01 00:00,,,,,false,\n"
    "s5,c2,b@x.io,Baltic,price_m,prod_1,1,eur,month,40.00,incomplete,,2024-06-01 00:00,2024-06-01 00:00,"
    "2024-06-01 00:00,2024-06-01 00:00,2024-07-01 00:00,,,,,false,\n"
    # its trial is over: the paid line starts on 8 June
    "s6,c3,c@x.io,,price_w,prod_3,2,jpy,week,1000,active,,2024-06-01 00:00,2024-06-01 00:00,2024-06-01 00:00,"
    "2024-06-08 00:00,2024-06-15 00:00,2024-06-01 00:00,2024-06-08 00:00,,,false,\n"
    # begun and ended on one day: no day of service
    "s7,c3,c@x.io,,price_m,prod_1,1,usd,month,40.00,canceled,,2024-06-03 08:00,2024-06-03 08:00,"
    "2024-06-03 08:00,2024-06-03 08:00,2024-07-03 08:00,,,2024-06-03 09:00,2024-06-03 09:00,false,\n"
)


def by(rows: list[dict[str, Any]], key: str, *names: str) -> dict[str, tuple[Any, ...]]:
    return {row[key]: tuple(row[name] for name in names) for row in rows}


@pytest.fixture(scope="module")
def dashboard(imported_once: Any) -> Any:
    return imported_once({"subscriptions.csv": DASHBOARD}, mapping=find_mapping("stripe"))


def test_the_stripe_dashboards_subscriptions_become_accounts_contracts_and_lines(
    dashboard: Any,
) -> None:
    result = dashboard
    assert result.refused() == []
    assert result.findings("column.unmapped") == []
    assert by(result.rows("accounts"), "account_id", "name") == {
        "c1": ("Meridian",),
        "c2": ("Baltic",),
        "c3": ("c@x.io",),
    }
    contracts = by(
        result.rows("contracts"), "contract_id", "start_date", "end_date", "status", "auto_renew", "notice_date"
    )  # fmt: skip
    assert contracts["s1"] == (date(2024, 1, 31), date(2024, 7, 1), "active", True, None)
    assert contracts["s2"] == (
        date(2023, 5, 1), date(2024, 5, 1), "cancelled", False, date(2024, 3, 10),
    )  # fmt: skip
    assert contracts["s3"][2:4] == ("active", True)
    assert [contracts[s][2] for s in ("s4", "s5")] == ["active", "draft"]
    assert "s7" not in contracts
    assert by(result.rows("contracts"), "contract_id", "exit_kind")["s2"] == ("involuntary",)
    assert result.file("subscriptions.csv").left_out == 0  # s7 names its account all the same


def test_a_stripe_line_is_priced_per_unit_and_interval_and_trials_and_unpaid_ones_carry_nothing(
    dashboard: Any,
) -> None:
    lines = by(
        dashboard.rows("contract_lines"), "line_id",
        "amount", "interval_months", "arr", "currency", "is_trial", "start_date", "product_id",
    )  # fmt: skip
    assert lines["s1"] == (Decimal(120), 1, None, "USD", None, date(2024, 1, 31), "prod_1")
    assert lines["s2"][:3] == (Decimal(1200), 12, None)
    assert lines["s3"][4] is True
    assert [lines[s][2] for s in ("s4", "s5")] == [Decimal(0), Decimal(0)]
    # 2 x 1,000 yen a week, 52 times a year: 104,000; weeks are no whole months
    assert lines["s6"] == (Decimal(2000), None, Decimal(104000), "JPY", None, date(2024, 6, 8), "prod_3")  # fmt: skip


def test_a_stripe_moment_is_dated_in_the_workspaces_time_zone(imported: Any) -> None:
    result = imported(
        {"subscriptions.csv": DASHBOARD},
        mapping=find_mapping("stripe"),
        settings=Settings(time_zone="Europe/Berlin"),
    )
    starts = by(result.rows("contracts"), "contract_id", "start_date")
    assert starts["s1"] == (date(2024, 2, 1),)  # 23:30 UTC is half past midnight in Berlin


def test_a_subscriptions_export_without_the_day_it_ended_is_refused(imported: Any) -> None:
    text = DASHBOARD.replace("Ended At (UTC)", "Over")
    with_another = {"subscriptions.csv": text, "customers.csv": "id,Name\nc9,Other\n"}
    result = imported(with_another, mapping=find_mapping("stripe"))
    assert result.file("subscriptions.csv").stopped == "column.missing"
    assert "`Ended At (UTC)`" in result.findings("column.missing")[0]["says"]


def test_stripe_customers_given_beside_the_subscriptions_tell_the_accounts(imported: Any) -> None:
    files = {
        "subscriptions.csv": DASHBOARD,
        "customers.csv": "id,Description,Email,Name,Created (UTC),Delinquent\nc1,,a@x.io,Meridian Health,2023-01-02 10:00,false\n",
    }
    result = imported(files, mapping=find_mapping("stripe"))
    assert by(result.rows("accounts"), "account_id", "name", "start_date") == {
        "c1": ("Meridian Health", date(2023, 1, 2))
    }


def test_a_changed_file_is_imported_again_with_the_one_it_stands_in_for(tmp_path: Path) -> None:
    folder = tmp_path / "stripe-export"
    folder.mkdir()
    rows = [line for line in DASHBOARD.splitlines() if ",jpy," not in line and ",eur," not in line]
    (folder / "subscriptions.csv").write_text("\n".join(rows) + "\n")
    (folder / "customers.csv").write_text("id,Name,Created (UTC)\nc1,Meridian,2023-01-02 10:00\n")
    workspace = Workspace.create(tmp_path / "company")
    workspace.import_folder(folder, "stripe")
    # 40 x 3 a month, and 1,200 a year until 1 May
    assert workspace.metric("arr_in_force", as_of="2024-04-30").value == 1440 + 1200
    assert workspace.metric("arr_in_force", as_of="2024-05-01").value == 1440
    dearer = "\n".join(rows).replace(",40.00,active", ",50.00,active")
    (folder / "subscriptions.csv").write_text(dearer + "\n")
    workspace.import_folder(folder, "stripe")
    assert workspace.metric("arr_in_force", as_of="2024-05-01").value == 1800
    assert workspace.facts().rows("accounts", ["account_id", "start_date"]) == [
        ("c1", date(2023, 1, 2))
    ]


STRIPE_API = {
    "customer.csv": "id,created,currency,name\nc1,2023-01-02 10:00:00,usd,Meridian\n",
    "subscription_history.csv": (
        "id,_fivetran_synced,_fivetran_active,customer_id,status,start_date,created,current_period_end,cancel_at_period_end,"
        "canceled_at,ended_at,trial_end\n"
        "s1,2024-05-01 00:00:00,false,c1,trialing,2024-01-01 00:00:00,2024-01-01 00:00:00,2024-01-15 00:00:00,false,,,2024-01-15 00:00:00\n"
        "s1,2024-06-01 00:00:00,true,c1,active,2024-01-01 00:00:00,2024-01-01 00:00:00,2024-07-15 00:00:00,true,2024-06-20 12:00:00,,2024-01-15 00:00:00\n"
    ),
    "subscription_item.csv": (
        "id,subscription_id,price_id,quantity,created\n"
        "i1,s1,p_usd,3,2024-01-01 00:00:00\n"
        "i2,s1,p_jpy,2,2024-03-01 00:00:00\n"
        "i3,s1,p_meter,,2024-03-01 00:00:00\n"
        "i4,s1,p_tiers,1,2024-03-01 00:00:00\n"
        "i5,s1,plan_kwd,1,2024-03-01 00:00:00\n"
    ),
    "price.csv": (
        "id,currency,unit_amount,unit_amount_decimal,recurring_interval,recurring_interval_count,recurring_usage_type,product_id\n"
        "p_usd,usd,1999,1999,month,3,licensed,A\n"
        "p_jpy,jpy,5000,5000,year,1,licensed,B\n"
        "p_meter,usd,1,0.5,month,1,metered,C\n"
        "p_tiers,usd,,,month,1,licensed,D\n"
    ),
    "plan.csv": "id,currency,amount,interval,interval_count,usage_type,product_id\nplan_kwd,kwd,12345,month,1,licensed,E\n",
    "subscription_discount.csv": "id,subscription_id,coupon_id,end\nd1,s1,ever,\nd2,s1,once,2024-02-01 00:00:00\n",
    "coupon.csv": "id,percent_off,duration\never,12.5,forever\nonce,50,once\n",
}


@pytest.fixture(scope="module")
def stripe_api(imported_once: Any) -> Any:
    return imported_once(STRIPE_API, mapping=find_mapping("stripe"))


def test_stripes_api_tables_are_joined_and_minor_units_follow_the_currency(
    stripe_api: Any,
) -> None:
    lines = by(
        stripe_api.rows("contract_lines"), "line_id", "amount", "interval_months", "currency", "kind", "start_date"
    )  # fmt: skip
    # 19.99 x 3 less 12.5 % for ever = 52.47375, rounded half to even to 4 decimals; paid from the trial's end
    assert lines["i1"] == (Decimal("52.4738"), 3, "USD", "recurring", date(2024, 1, 15))
    assert lines["i2"] == (Decimal(8750), 12, "JPY", "recurring", date(2024, 3, 1))  # no decimals
    assert lines["i3"] == (None, 1, "USD", "usage", date(2024, 3, 1))
    assert lines["i5"][:3] == (Decimal("10.8019"), 1, "KWD")  # 12.345 x 0.875 = 10.801875
    assert "i4" not in lines  # a tiered price has no single amount
    assert [f["line"] for f in stripe_api.findings("line.amount")] == [5]


def test_of_stripes_history_the_active_row_counts_and_the_click_is_notice(stripe_api: Any) -> None:
    (contract,) = stripe_api.rows("contracts")
    assert (contract["end_date"], contract["notice_date"], contract["auto_renew"]) == (
        date(2024, 7, 15), date(2024, 6, 20), False,
    )  # fmt: skip
    assert contract["status"] == "active"
    assert {row["is_trial"] for row in stripe_api.rows("contract_lines")} == {None}


RECURLY = {
    "account_history.csv": "id,created_at,updated_at,company\na1,2024-01-01 00:00:00,2024-01-01 00:00:00,Old name\na1,2024-01-01 00:00:00,2024-03-01 00:00:00,New name\n",
    "plan_history.csv": "id,updated_at,interval_unit,interval_length\np1,2023-01-01 00:00:00,months,1\np1,2024-01-01 00:00:00,months,6\np2,2024-01-01 00:00:00,days,30\n",
    "subscription_history.csv": (
        "id,updated_at,account_id,plan_id,state,activated_at,canceled_at,expires_at,current_period_ends_at,current_term_ends_at,"
        "trial_ends_at,auto_renew,currency,unit_amount,quantity,add_ons_total,expiration_reason\n"
        "r1,2024-02-01 00:00:00,a1,p1,active,2024-01-10 00:00:00,,,2024-07-10 00:00:00,2024-07-10 00:00:00,2024-01-20 00:00:00,true,USD,99.5,2,20.0,\n"
        "r2,2024-02-01 00:00:00,a1,p2,active,2024-02-01 00:00:00,,,2024-03-02 00:00:00,2024-03-02 00:00:00,2024-03-02 00:00:00,true,USD,30,1,0.0,\n"
        "r3,2024-02-01 00:00:00,a1,p1,canceled,2024-01-10 00:00:00,2024-02-01 00:00:00,2024-07-10 00:00:00,2024-07-10 00:00:00,2024-07-10 00:00:00,,true,USD,10,1,0.0,\n"
        "r4,2024-02-01 00:00:00,a1,p1,expired,2023-01-10 00:00:00,2023-06-01 00:00:00,2023-07-10 00:00:00,2023-07-10 00:00:00,2023-07-10 00:00:00,,true,USD,10,1,0.0,nonpayment\n"
    ),
}


def test_recurlys_subscriptions_with_their_trials_states_and_newest_versions(imported: Any) -> None:
    result = imported(RECURLY, mapping=find_mapping("recurly"))
    assert result.column("accounts", "name") == ["New name"]
    lines = by(
        result.rows("contract_lines"), "line_id", "amount", "interval_months", "arr", "is_trial", "start_date"
    )  # fmt: skip
    assert lines["r1"] == (Decimal(199), 6, None, None, date(2024, 1, 20))
    assert lines["add-ons of r1"] == (Decimal(20), 6, None, None, date(2024, 1, 20))
    # 30 every 30 days is 365 a year; its period is the trial
    assert lines["r2"] == (Decimal(30), None, Decimal(365), True, date(2024, 2, 1))
    assert "add-ons of r2" not in lines
    contracts = by(
        result.rows("contracts"), "contract_id", "end_date", "status", "auto_renew", "notice_date", "exit_kind"
    )  # fmt: skip
    assert contracts["r1"] == (date(2024, 7, 10), "active", True, None, None)
    assert contracts["r3"] == (date(2024, 7, 10), "cancelled", False, date(2024, 2, 1), None)
    assert contracts["r4"] == (date(2023, 7, 10), "ended", False, date(2023, 6, 1), "involuntary")


def test_recurlys_add_ons_are_lines_of_their_own_where_they_are_given(imported: Any) -> None:
    add_ons = "id,subscription_id,plan_add_on_id,quantity,unit_amount,created_at,updated_at,expired_at\nx1,r1,seats,4,5,2024-02-01 00:00:00,2024-02-01 00:00:00,2024-05-01 00:00:00\n"
    result = imported(
        RECURLY | {"subscription_add_on_history.csv": add_ons}, mapping=find_mapping("recurly")
    )
    lines = by(
        result.rows("contract_lines"), "line_id", "amount", "interval_months", "currency", "account_id", "start_date", "end_date"
    )  # fmt: skip
    assert lines["x1"] == (Decimal(20), 6, "USD", "a1", date(2024, 2, 1), date(2024, 5, 1))
    assert "add-ons of r1" not in lines


CHARTMOGUL = {
    "customers.csv": "Name,Email,Company,Country,State,City,Zip,External ID,Lead created at,Free trial started at\nAda,a@x.io,Meridian,US,CA,LA,1,cus_1,2023-12-01,\nBo,b@x.io,,DE,,,,cus_2,,2024-01-01\n",
    "plans.csv": "Name,Interval count,Interval unit,External ID\nQuarterly,3,month,plan_q\nYearly,1,year,plan_y\n",
    "invoices.csv": "Customer External ID,Invoice External ID,Date,Due date,Currency\ncus_1,inv_1,2024-01-01,2024-01-15,USD\ncus_2,inv_2,2024-02-01,,JPY\n",
    "line_items.csv": (
        "Invoice External ID,External ID,type,subscription_external_id,plan,service_period_start,service_period_end,"
        "amount_in_cents,quantity,prorated,proration_type,discount_amount_in_cents,tax_amount_in_cents\n"
        "inv_1,li_1,subscription,sub_1,plan_q,2024-01-01,2024-04-01,35700,3,false,,1000,5700\n"
        "inv_1,li_2,subscription,sub_1,plan_q,2024-02-01,2024-04-01,4000,1,true,differential,0,0\n"
        "inv_1,li_3,one_time,,,,,99900,1,false,,0,0\n"
        "inv_2,li_4,subscription,sub_2,plan_y,2024-02-01,2025-02-01,120000,1,false,,0,\n"
        "inv_2,li_5,subscription,sub_9,plan_y,2024-02-01,2025-02-01,-120000,1,false,,0,0\n"
        "inv_9,li_6,subscription,sub_3,plan_y,2024-02-01,2025-02-01,100,1,false,,0,0\n"
    ),
    "subscription_events.csv": "subscription_external_id,event_type,cancelled_at\nsub_2,cancelled,2024-08-01\nsub_1,cancelled,2024-04-01\n",
}


def test_chartmoguls_line_items_are_lines_without_tax_at_the_plans_interval(imported: Any) -> None:
    result = imported(CHARTMOGUL, mapping=find_mapping("chartmogul"))
    assert by(result.rows("accounts"), "account_id", "name", "country") == {
        "cus_1": ("Meridian", "US"),
        "cus_2": ("Bo", "DE"),
    }
    lines = by(
        result.rows("contract_lines"), "line_id",
        "account_id", "amount", "interval_months", "currency", "start_date", "end_date",
    )  # fmt: skip
    # 357.00 less 57.00 tax; the end of the period is the first day without
    assert lines["li_1"] == ("cus_1", Decimal(300), 3, "USD", date(2024, 1, 1), date(2024, 4, 1))
    # cancelled within its period; yen have no cents
    assert lines["li_4"] == ("cus_2", Decimal(120000), 12, "JPY", date(2024, 2, 1), date(2024, 8, 1))  # fmt: skip
    assert set(lines) == {"li_1", "li_4"}
    assert result.file("line_items.csv").left_out == 3  # prorated, one-time, negative
    (refused,) = result.refused()  # an invoice nobody sent: no currency, no customer
    assert refused["line"] == 7
