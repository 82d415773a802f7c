"""Salesforce, HubSpot and Zendesk exports under their own column names: what each cell becomes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tenure.facts.mapping import find_mapping
from tenure.facts.table import table


def by(rows: list[dict[str, Any]], key: str, *names: str) -> dict[str, tuple[Any, ...]]:
    return {row[key]: tuple(row[name] for name in names) for row in rows}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


SALESFORCE = {
    "Account.csv": (
        "Id,Name,ParentId,OwnerId,Type,Industry,NumberOfEmployees,CurrencyIsoCode,Segment__c,CSM__c,IsDeleted\n"
        "001A,Meridian,,005X,Customer,Health,400,USD,Enterprise,005C,false\n"
        "001B,Baltic,001A,005X,Customer,Freight,40,EUR,SMB,,false\n"
        "001D,Merged away,,005X,Customer,,,USD,,,true\n"
    ),
    "Contract.csv": (
        "Id,AccountId,StartDate,EndDate,ContractTerm,Status,CompanySignedDate,CustomerSignedDate,ActivatedDate,ContractNumber,SBQQ__Opportunity__c\n"
        "800A,001A,2023-03-01,2024-02-29,12,Activated,2023-02-20,2023-02-21,2023-02-25T10:00:00.000Z,00001,\n"
        "800B,001A,2024-03-01,,12,Activated,,2024-02-10,2024-02-28T23:30:00.000+0000,00002,006R\n"
        "800C,001B,2024-01-31,,1,Draft,,,2024-01-30T09:00:00.000Z,00003,\n"
        "800D,001B,2024-01-01,,,Activated,,,,00004,\n"
    ),
    "SBQQ__Subscription__c.csv": (
        "Id,SBQQ__Contract__c,SBQQ__Account__c,SBQQ__Product__c,SBQQ__Quantity__c,SBQQ__NetPrice__c,"
        "SBQQ__SubscriptionStartDate__c,SBQQ__SubscriptionEndDate__c,SBQQ__TerminatedDate__c,SBQQ__RevisedSubscription__c,SBQQ__ChargeType__c\n"
        "s1,800A,001A,01tA,10,2400,2023-03-01,2025-02-28,,,Recurring\n"
        "s2,800A,001A,01tB,1,1000,2023-03-01,2024-02-29,2023-08-31,,\n"
        "s3,800A,001A,01tB,-1,1000,2023-09-01,2024-02-29,,s2,\n"
        "s4,800A,001A,01tC,2,100,2023-11-21,2024-02-29,,,\n"
        "s5,800A,001A,01tD,1,500,2023-03-01,2023-03-31,,,One-Time\n"
        "s6,800A,001A,01tA,-4,1200,2024-03-01,2025-02-28,,s1,\n"
    ),
    "Opportunity.csv": (
        "Id,AccountId,Type,StageName,IsWon,IsClosed,Amount,Probability,CloseDate,CreatedDate,OwnerId,ContractId,IsDeleted,SBQQ__RenewedContract__c\n"
        "006R,001A,,Won,true,true,24000,100,2024-02-28,2023-12-01T08:00:00.000Z,005X,,false,800A\n"
        "006N,001B,New Business,Lost,false,true,5000,0,2024-01-10,2023-12-01T08:00:00.000Z,005X,,false,\n"
        "006E,001B,Existing Customer - Upgrade,Proposal,false,false,7000,65,2024-05-10,2024-01-01T08:00:00.000Z,005X,800B,false,\n"
        "006D,001B,New Business,Proposal,false,false,1,10,2024-05-10,2024-01-01T08:00:00.000Z,005X,,true,\n"
    ),
    "Contact.csv": "Id,AccountId,FirstName,LastName,Title,Department,Email\n003A,001A,Ada,Byron,CFO,Finance,ada@meridian.example\n",
    "User.csv": "Id,Name,Email,ManagerId,ProfileId\n005X,Xenia,x@us.example,,00e\n005C,Carl,c@us.example,005X,00e\n",
    "Task.csv": (
        "Id,ActivityDate,TaskSubtype,Type,Status,WhatId,WhoId,AccountId,OwnerId,CallDurationInSeconds,CallType,CompletedDateTime,CreatedDate\n"
        "00T1,2024-03-05,Call,Call,Completed,001A,003A,001A,005C,600,Outbound,2024-03-05T10:00:00.000Z,2024-03-01T00:00:00.000Z\n"
        "00T2,2024-03-06,Email,,Completed,006R,003A,,005C,,,2024-03-06T11:00:00.000Z,2024-03-01T00:00:00.000Z\n"
        "00T3,2024-03-07,Task,,Not Started,,003A,,005C,,,,2024-03-01T00:00:00.000Z\n"
        "00T4,2024-03-08,ListEmail,,Completed,001B,00Q1,001B,005C,,,2024-03-08T11:00:00.000Z,2024-03-01T00:00:00.000Z\n"
        "00T5,,Call,Call,Deferred,001B,,001B,005C,,Inbound,,2024-03-02T09:00:00.000Z\n"
    ),
    "Event.csv": (
        "Id,ActivityDateTime,StartDateTime,DurationInMinutes,Type,WhatId,WhoId,AccountId,OwnerId,IsChild,IsPrivate,IsRecurrence,No_Show__c\n"
        "00U1,2024-04-01T15:00:00.000Z,2024-04-01T15:00:00.000Z,45,Meeting,001A,003A,001A,005C,false,false,false,false\n"
        "00U2,2024-04-01T15:00:00.000Z,2024-04-01T15:00:00.000Z,45,Meeting,001A,003A,001A,005X,true,false,false,false\n"
        "00U3,2024-04-02T15:00:00.000Z,2024-04-02T15:00:00.000Z,30,,001A,003A,001A,005C,false,false,false,true\n"
        "00U4,2024-04-03T15:00:00.000Z,2024-04-03T15:00:00.000Z,30,,001A,003A,001A,005C,false,true,false,false\n"
    ),
    "DatedConversionRate.csv": "Id,IsoCode,ConversionRate,StartDate,NextStartDate\n0D1,EUR,0.92,2024-01-01,2024-02-01\n0D2,JPY,150,2024-01-01,2024-02-01\n0D3,USD,1.0,2024-01-01,2024-02-01\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def salesforce(imported_once: Any) -> Any:
    return imported_once(SALESFORCE, mapping=find_mapping("salesforce"))


def test_a_salesforce_contract_ends_the_day_after_its_last_one(salesforce: Any) -> None:
    assert salesforce.refused() == []
    assert salesforce.findings("column.unmapped") == []
    contracts = by(
        salesforce.rows("contracts"), "contract_id",
        "start_date", "end_date", "signed_date", "status", "renews_contract_id",
    )  # fmt: skip
    assert contracts["800A"] == (date(2023, 3, 1), date(2024, 3, 1), date(2023, 2, 20), "active", None)  # fmt: skip
    # no EndDate: twelve months from the start; the deal that led to it names what it renews
    assert contracts["800B"] == (date(2024, 3, 1), date(2025, 3, 1), date(2024, 2, 10), "active", "800A")  # fmt: skip
    assert contracts["800C"][1:4] == (date(2024, 2, 29), date(2024, 1, 30), "draft")  # leap year
    assert contracts["800D"][1] is None


def test_cpq_lines_are_priced_per_year_of_their_term_and_end_with_their_last_day(
    salesforce: Any,
) -> None:
    lines = by(
        salesforce.rows("contract_lines"), "line_id", "arr", "start_date", "end_date", "kind", "quantity"
    )  # fmt: skip
    # 10 x 2,400 for 24 months
    assert lines["s1"][:3] == (Decimal(12000), date(2023, 3, 1), date(2025, 3, 1))
    # terminated: served until 31 August; its price stays that of the whole year
    assert lines["s2"][:3] == (Decimal(1000), date(2023, 3, 1), date(2023, 9, 1))
    # 200 for 21 November to 29 February: 101 days of 365, 200 x 365 / 101
    assert lines["s4"][:3] == (Decimal("722.7723"), date(2023, 11, 21), date(2024, 3, 1))
    assert lines["s5"][3] == "one_time"
    assert lines["s6"][0] == Decimal(-4800)  # four of the ten are given up
    assert "s3" not in lines  # takes away what was terminated already


def test_salesforce_accounts_contacts_and_deals(salesforce: Any) -> None:
    accounts = by(
        salesforce.rows("accounts"), "account_id", "name", "parent_account_id", "segment", "csm_id", "ae_id", "currency"
    )  # fmt: skip
    assert accounts["001A"] == ("Meridian", None, "enterprise", "005C", "005X", "USD")
    assert accounts["001B"] == ("Baltic", "001A", "smb", None, "005X", "EUR")
    assert "001D" not in accounts
    (contact,) = salesforce.rows("contacts")
    assert (contact["name"], contact["title"], contact["department"]) == ("Ada Byron", "CFO", "Finance")  # fmt: skip
    deals = by(
        salesforce.rows("opportunities"), "opportunity_id",
        "opportunity_type", "stage", "amount_arr", "probability", "created_date", "contract_id",
    )  # fmt: skip
    assert deals["006R"] == (None, "closed_won", Decimal(24000), Decimal(1), date(2023, 12, 1), "800A")  # fmt: skip
    assert deals["006N"][:2] == ("new_business", "closed_lost")
    assert deals["006E"][:4] == ("expansion", "open", Decimal(7000), Decimal("0.65"))
    assert set(deals) == {"006R", "006N", "006E"}


def test_salesforce_tasks_and_events_are_touches_with_who_was_there(salesforce: Any) -> None:
    touches = by(
        salesforce.rows("activities"), "activity_id",
        "activity_type", "account_id", "occurred_at", "direction", "status", "is_automated", "duration_s",
    )  # fmt: skip
    assert touches["00T1"] == ("call", "001A", at("2024-03-05T10:00"), "outbound", "completed", None, 600)  # fmt: skip
    assert touches["00T2"][:5] == ("email", "001A", at("2024-03-06T11:00"), "outbound", "completed")
    assert touches["00T3"][:5] == ("note", "001A", at("2024-03-07T00:00"), None, "scheduled")
    assert touches["00T4"][:6] == ("email", "001B", at("2024-03-08T11:00"), "outbound", "completed", True)  # fmt: skip
    assert touches["00T5"][:5] == ("call", "001B", at("2024-03-02T09:00"), "inbound", "scheduled")
    assert touches["00U1"] == ("meeting", "001A", at("2024-04-01T15:00"), "two_way", "completed", None, 2700)  # fmt: skip
    assert touches["00U3"][4] == "no_show"
    assert set(touches) == {"00T1", "00T2", "00T3", "00T4", "00T5", "00U1", "00U3"}
    there = {
        (row["activity_id"], row["contact_id"]): row["attended"]
        for row in salesforce.rows("activity_contacts")
    }
    assert there == {
        ("00T1", "003A"): True, ("00T2", "003A"): False, ("00T3", "003A"): False,
        ("00U1", "003A"): True, ("00U3", "003A"): False,
    }  # fmt: skip


def test_salesforces_event_relations_tell_the_attendees_where_they_are_given(imported: Any) -> None:
    relations = (
        "Id,EventId,RelationId,Status,IsParent,IsInvitee\nr1,00U1,003A,Declined,true,true\n"
        "r2,00U1,003B,Accepted,false,true\nr3,00U1,005C,Accepted,false,true\nr4,00U1,003C,New,false,true\n"
    )
    result = imported(SALESFORCE | {"EventRelation.csv": relations}, mapping=find_mapping("salesforce"))  # fmt: skip
    there = {
        row["contact_id"]: row["attended"]
        for row in result.rows("activity_contacts")
        if row["activity_id"].startswith("00U")
    }
    assert there == {"003A": False, "003B": True, "003C": False}


def test_salesforces_rates_are_turned_over_into_the_corporate_currency(
    salesforce: Any, imported: Any
) -> None:
    rates = by(salesforce.rows("fx_rates"), "from_currency", "to_currency", "rate", "rate_date")
    # 0.92 euros per dollar is 1.0869565217 dollars per euro
    assert rates["EUR"] == ("USD", Decimal("1.0869565217"), date(2024, 1, 1))
    assert rates["JPY"] == ("USD", Decimal("0.0066666667"), date(2024, 1, 1))
    without = {k: v for k, v in SALESFORCE.items() if k != "DatedConversionRate.csv"}
    named = without | {
        "DatedConversionRate.csv": "Id,IsoCode,ConversionRate,StartDate\n0D1,EUR,0.92,2024-01-01\n",
        "CurrencyType.csv": "IsoCode,IsCorporate,ConversionRate\nGBP,true,1\nEUR,false,0.92\n",
    }
    again = imported(named, mapping=find_mapping("salesforce"))
    assert by(again.rows("fx_rates"), "from_currency", "to_currency") == {"EUR": ("GBP",)}


HUBSPOT = {
    "hubspot-crm-exports-all-companies-2024-05-01.csv": "Record ID,Company name,Company owner,Create Date,Industry,Annual Revenue\n11,Meridian,Cleo Mann,2023-02-01 09:30,Health,1000\n12,Baltic,,2023-03-01 09:30,,\n",
    "hubspot-crm-exports-all-contacts-2024-05-01.csv": "Record ID,First Name,Last Name,Email,Job Title,Associated Company IDs\n21,Ada,Byron,ada@m.example,CFO,11;12\n",
    "hubspot-crm-exports-all-deals-2024-05-01.csv": (
        "Record ID,Deal Name,Pipeline,Deal Stage,Deal Type,Amount,Close Date,Create Date,hs_arr,hs_mrr,Associated Company IDs,Deal owner\n"
        "31,A,Sales,Closed Won (Sales Pipeline),newbusiness,24000,2024-01-31 00:00,2023-12-01 08:00,12000,,11,Cleo Mann\n"
        "32,B,Sales,Contract Sent,existingbusiness,500,2024-06-30 00:00,2024-03-01 08:00,,250,12,\n"
        "33,C,Sales,Signed,newbusiness,7,2024-06-30 00:00,2024-03-01 08:00,,,12,\n"
    ),
    "hubspot-crm-exports-all-line-items-2024-05-01.csv": (
        "Record ID,Name,quantity,price,recurringbillingfrequency,hs_recurring_billing_period,Associated Deal IDs\n"
        "41,Seats,10,50,monthly,P12M,31\n42,Setup,1,900,,,31\n43,Seats,5,50,monthly,P12M,32\n"
    ),
    "hubspot-crm-exports-all-emails-2024-05-01.csv": (
        "Record ID,hs_timestamp,hubspot_owner_id,hs_email_direction,hs_email_status,hs_email_subject,Associated Company IDs,Associated Contact IDs\n"
        "51,1709632800000,7,EMAIL,SENT,Our review,11,21\n"
        "52,2024-03-05T12:00:00Z,7,INCOMING_EMAIL,,Re: Our review,11,21\n"
        "53,2024-03-05T12:00:01Z,7,INCOMING_EMAIL,,Automatic reply: Our review,11,21\n"
        "54,2024-03-05T13:00:00Z,7,INCOMING_EMAIL,,Accepted: QBR,11,21\n"
        "55,2024-03-05T14:00:00Z,7,EMAIL,BOUNCED,Hello,11,21\n"
        "56,2024-03-05T15:00:00Z,7,FORWARDED_EMAIL,,Fw: a question,12,21\n"
    ),
    "hubspot-crm-exports-all-meetings-2024-05-01.csv": (
        "Record ID,hs_timestamp,hubspot_owner_id,hs_meeting_outcome,hs_meeting_start_time,hs_meeting_end_time,Associated Company IDs,Associated Contact IDs\n"
        "61,,7,COMPLETED,1709632800000,1709636400000,11,21\n62,,7,NO_SHOW,2024-03-06T10:00:00Z,,11,21\n"
        "63,,7,CANCELED,2024-03-07T10:00:00Z,,11,21\n64,,7,RESCHEDULED,2024-03-08T10:00:00Z,,11,\n65,,7,SCHEDULED,2024-03-09T10:00:00Z,,11,\n66,,7,,2024-03-10T10:00:00Z,,11,\n"
    ),
    "hubspot-crm-exports-all-calls-2024-05-01.csv": (
        "Record ID,hs_timestamp,hubspot_owner_id,hs_call_direction,hs_call_status,hs_call_duration,hs_call_disposition,Associated Company IDs,Associated Contact IDs\n"
        "71,2024-03-05T10:00:00Z,7,OUTBOUND,COMPLETED,90500,f240bbac-87c9-4f6e-bf70-924b57d47db7,11,21\n"
        "72,2024-03-05T10:05:00Z,7,OUTBOUND,NO_ANSWER,0,,11,21\n"
    ),
    "hubspot-crm-exports-all-feedback-submissions.csv": "Record ID,hs_survey_type,hs_value,hs_submission_timestamp,hs_contact_id\n81,NPS,9,2024-03-05T10:00:00Z,21\n82,CUSTOM,9,2024-03-05T10:00:00Z,21\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def hubspot(imported_once: Any) -> Any:
    return imported_once(HUBSPOT, mapping=find_mapping("hubspot"))


def test_hubspots_companies_contacts_and_deals(hubspot: Any) -> None:
    assert hubspot.refused() == []
    accounts = by(hubspot.rows("accounts"), "account_id", "name", "csm_id", "start_date")
    assert accounts["11"] == ("Meridian", "Cleo Mann", date(2023, 2, 1))
    assert by(hubspot.rows("team_members"), "user_id", "name") == {"Cleo Mann": ("Cleo Mann",)}
    assert by(hubspot.rows("contacts"), "contact_id", "account_id", "name", "title") == {
        "21": ("11", "Ada Byron", "CFO")
    }
    deals = by(
        hubspot.rows("opportunities"), "opportunity_id",
        "stage", "opportunity_type", "amount_arr", "account_id", "close_date",
    )  # fmt: skip
    assert deals["31"] == ("closed_won", "new_business", Decimal(12000), "11", date(2024, 1, 31))
    assert deals["32"] == ("open", "expansion", Decimal(3000), "12", date(2024, 6, 30))  # 12 x MRR
    assert deals["33"][:3] == ("Signed", "new_business", Decimal(7))
    assert [f["value"] for f in hubspot.findings("word.unknown")] == ["Signed"]


def test_hubspots_won_line_items_are_lines_and_those_of_open_deals_are_not(hubspot: Any) -> None:
    lines = by(
        hubspot.rows("contract_lines"), "line_id",
        "account_id", "kind", "amount", "interval_months", "start_date", "end_date",
    )  # fmt: skip
    assert lines == {
        "41": ("11", "recurring", Decimal(500), 1, date(2024, 1, 31), date(2025, 1, 31)),
        "42": ("11", "one_time", Decimal(900), None, date(2024, 1, 31), None),
    }


def test_hubspots_mail_has_a_direction_and_automatic_mail_is_left_out(hubspot: Any) -> None:
    touches = by(
        hubspot.rows("activities"), "activity_id", "activity_type", "direction", "status", "occurred_at", "account_id"
    )  # fmt: skip
    assert touches["51"] == ("email", "outbound", "completed", at("2024-03-05T10:00"), "11")
    assert touches["52"][:4] == ("email", "inbound", "completed", at("2024-03-05T12:00"))
    assert touches["55"][2] == "cancelled"
    assert touches["56"][1:5] == ("inbound", "completed", at("2024-03-05T15:00"), "12")
    assert {"53", "54"}.isdisjoint(touches)
    mail = next(f for f in HUBSPOT if "emails" in f)
    assert hubspot.file(mail).left_out == 2


def test_hubspots_meetings_and_calls_by_their_outcome(hubspot: Any) -> None:
    touches = by(
        hubspot.rows("activities"), "activity_id", "activity_type", "direction", "status", "duration_s", "occurred_at"
    )  # fmt: skip
    assert touches["61"] == ("meeting", "two_way", "completed", 3600, at("2024-03-05T10:00"))
    assert [touches[str(n)][2] for n in range(62, 67)] == ["no_show", "cancelled", "scheduled", "scheduled", None]  # fmt: skip
    assert touches["71"][:4] == ("call", "outbound", "completed", 90)  # 90,500 ms
    assert touches["72"][2] == "no_show"
    there = {row["activity_id"]: row["attended"] for row in hubspot.rows("activity_contacts")}
    assert there == {"51": False, "52": True, "55": False, "56": True, "61": True, "62": False, "63": False, "71": True, "72": False}  # fmt: skip
    responses = by(hubspot.rows("survey_responses"), "response_id", "score", "scale_max", "contact_id")  # fmt: skip
    assert responses == {"81": (Decimal(9), Decimal(10), "21")}


HUBSPOT_TABLES = {
    "company.csv": "id,is_deleted,property_name,property_createdate\n11,false,Meridian,2023-02-01 09:30:00\n12,false,Baltic,2023-02-01 09:30:00\n",
    "deal.csv": (
        "deal_id,is_deleted,deal_pipeline_stage_id,owner_id,property_amount,property_createdate\n"
        "31,false,w,7,100,2024-01-01 00:00:00\n32,false,l,7,100,2024-01-01 00:00:00\n33,false,o,7,100,2024-01-01 00:00:00\n34,false,w,7,100,2024-01-01 00:00:00\n35,false,o,7,100,2024-01-01 00:00:00\n"
    ),
    "deal_pipeline_stage.csv": "stage_id,closed_won,is_closed,probability,label\nw,TRUE,TRUE,1.0,x\nl,FALSE,TRUE,0.0,y\no,FALSE,FALSE,0.4,z\n",
    "deal_company.csv": "deal_id,company_id,type_id,category\n31,12,341,H\n31,11,5,H\n32,12,341,H\n33,11,341,H\n33,12,341,H\n",
    "merged_deal.csv": "deal_id,merged_deal_id\n31,34\n",
    "engagement_meeting.csv": "engagement_id,type,property_hs_timestamp,property_hs_meeting_start_time,property_hs_meeting_outcome,property_hubspot_owner_id\n61,MEETING,2024-03-05 10:00:00,2024-03-05 10:00:00,COMPLETED,7\n",
    "engagement_email.csv": "engagement_id,type,property_hs_timestamp,property_hs_email_direction,property_hs_email_subject,property_hs_email_headers\n51,EMAIL,2024-03-05 10:00:00,INCOMING_EMAIL,Hi,\n52,EMAIL,2024-03-05 10:00:00,INCOMING_EMAIL,Hi,\"{\"\"auto-submitted\"\":\"\"auto-replied\"\"}\"\n",
    "engagement_company.csv": "engagement_id,company_id,engagement_type,type_id\n61,11,MEETING,188\n51,11,EMAIL,186\n51,12,EMAIL,186\n",
    "engagement_contact.csv": "engagement_id,contact_id,engagement_type,type_id\n61,21,MEETING,200\n51,21,EMAIL,198\n",
    "owner.csv": "owner_id,first_name,last_name,email\n7,Cleo,Mann,cleo@us.example\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def hubspot_tables(imported_once: Any) -> Any:
    return imported_once(HUBSPOT_TABLES, mapping=find_mapping("hubspot"))


def test_hubspots_deal_stages_and_companies_are_joined_through_their_own_files(hubspot_tables: Any) -> None:  # fmt: skip
    deals = by(
        hubspot_tables.rows("opportunities"), "opportunity_id", "stage", "probability", "account_id"
    )
    assert deals == {
        "31": ("closed_won", Decimal(1), "11"),  # of two companies the primary one
        "32": ("closed_lost", Decimal(0), "12"),
        "33": ("open", Decimal("0.4"), None),  # two companies, and none is primary
        "35": ("open", Decimal("0.4"), None),
    }  # 34 was merged into 31
    assert hubspot_tables.column("team_members", "name") == ["Cleo Mann"]


def test_hubspots_engagements_find_account_and_people_by_their_associations(
    hubspot_tables: Any,
) -> None:
    touches = by(
        hubspot_tables.rows("activities"), "activity_id", "account_id", "user_id", "direction"
    )
    assert touches == {"61": ("11", "7", "two_way"), "51": (None, None, "inbound")}
    there = {
        row["activity_id"]: row["attended"] for row in hubspot_tables.rows("activity_contacts")
    }
    assert there == {"61": True, "51": True}


TICKETS = (
    "Summation column,Id,Requester,Requester id,Requester external id,Requester email,Requester domain,Submitter,Assignee,Group,Subject,Tags,"
    "Status,Priority,Via,Ticket type,Created at,Updated at,Assigned at,Organization,Due date,Initially assigned at,Solved at,Resolution time,"
    "Satisfaction Score,Group stations,Assignee stations,Reopens,Replies,First reply time in minutes,First reply time in minutes within business hours\n"
    "1,901,Ada,1,,ada@m.example,m.example,Ada,Sue,S,Help,,Closed,High,Web,Problem,2024-03-01 10:00,2024-03-02 10:00,,Meridian,-,,2024-03-02 09:00,1,Good,1,1,0,2,5,5\n"
    "1,902,Bo,2,,bo@b.example,b.example,Bo,Sue,S,Help,,Open,-,Web,-,2024-03-01 11:00,2024-03-02 10:00,,-,-,,-,,Offered,1,1,0,2,5,5\n"
    "1,903,Cy,3,,cy@c.example,c.example,Cy,Sue,S,Help,,Deleted,Low,Web,Question,2024-03-01 12:00,2024-03-02 10:00,,Meridian,-,,-,,Not Offered,1,1,0,2,5,5\n"
    "1,904,Di,4,,di@d.example,d.example,Di,Sue,S,Help,,On-hold,Urgent,Web,Incident,2024-03-01 13:00,2024-03-02 10:00,,Caspian,-,,-,,Bad with comment,1,1,0,2,5,5\n"
    "1,905,Ed,5,,ed@gmail.example,gmail.example,Ed,Sue,S,Help,,New,Normal,Web,Task,2024-03-01 14:00,2024-03-02 10:00,,-,-,,-,,-,1,1,0,2,5,5\n"
)  # fmt: skip
ORGANIZATIONS = "id,name,external_id\n71,Meridian,001A\n72,Baltic,\n"
DOMAINS = "index,organization_id,domain_name\n0,72,b.example\n"


def test_zendesks_tickets_belong_to_the_external_id_the_organization_or_the_domains_owner(
    imported: Any,
) -> None:
    files = {"tickets.csv": TICKETS, "organizations.csv": ORGANIZATIONS, "domain_name.csv": DOMAINS}
    result = imported(files, mapping=find_mapping("zendesk"))
    assert result.refused() == []
    assert result.findings("column.unmapped") == []
    tickets = by(
        result.rows("tickets"), "ticket_id", "account_id", "status", "priority", "csat", "solved_at", "category"
    )  # fmt: skip
    assert tickets == {
        "901": ("001A", "closed", "high", Decimal(5), at("2024-03-02T09:00"), "Problem"),
        "902": ("72", "open", None, None, None, None),
        "904": ("Caspian", "hold", "urgent", Decimal(1), None, "Incident"),
        "905": (None, "new", "normal", None, None, "Task"),
    }
    # Meridian is known elsewhere by its external id; Caspian by its name only
    assert by(result.rows("accounts"), "account_id", "name") == {"72": ("Baltic",), "Caspian": ("Caspian",)}  # fmt: skip


def test_an_organization_that_is_an_account_already_is_found_by_its_name(
    imported: Any, connection: Any
) -> None:
    class Lake:
        def relation(self, connection: Any, table: str, columns: Any) -> str | None:
            return "lake_accounts" if table == "accounts" else None

    others = ", ".join(f"null as {name}" for name in table("accounts").columns if name not in ("account_id", "name"))  # fmt: skip
    connection.execute(
        f"create table lake_accounts as select 'acct-1' as account_id, 'Caspian' as name, {others}"
    )
    result = imported({"tickets.csv": TICKETS}, mapping=find_mapping("zendesk"), known=Lake())
    tickets = by(result.rows("tickets"), "ticket_id", "account_id")
    assert (tickets["901"], tickets["904"]) == (("Meridian",), ("acct-1",))
    assert result.column("accounts", "account_id") == ["Meridian"]


def test_an_import_through_a_mapping_says_what_it_cannot_feed(tenure: Any, tmp_path: Path) -> None:
    folder, company = tmp_path / "export", tmp_path / "company"
    folder.mkdir()
    (folder / "tickets.csv").write_text(TICKETS)
    tenure("init", company)
    told = tenure("import", folder, "-w", company, "--mapping", "zendesk")
    assert (
        "Zendesk feeds accounts, contacts, team_members, tickets. It cannot feed contract_lines, contracts, "
        in told.out
    )
    assert "Not given: users.csv (contacts, team_members)." in told.out
    again = tenure(
        "import", folder, "-w", company, "--mapping", "zendesk", "--json", "--again"
    ).data
    assert "nrr" in again["cannot_feed"]["unfed"]["contract_lines"]
    assert again["cannot_feed"]["absent"] == [
        {"key": "users", "name": "users.csv", "tables": ["contacts", "team_members"]}
    ]
