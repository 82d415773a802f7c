"""Every mistake in a customer's metric is told with its file, line and key, the offending word, and the remedy."""

from __future__ import annotations

import pytest
from own_declarations import QUIET, URGENT, changed, code_of, refused

from tenure.kernel.declare import read
from tenure.kernel.places import places_in
from tenure.metrics.check import check
from tenure.metrics.declaration import Metric, built_in


def test_the_declarations_the_tests_change_are_right_themselves() -> None:
    for text in (URGENT, QUIET):
        check(read(Metric, text, name="x.toml", id="mine"), places_in(text, "x.toml").of)


@pytest.mark.parametrize("metric", list(built_in()), ids=[m.id for m in built_in()])
def test_our_own_declarations_pass_the_checks_of_a_customers(metric: Metric) -> None:
    check(metric, places_in("", f"{metric.id}.toml").of, shipped=built_in().metrics.values())


BROKEN: dict[str, tuple[str, str]] = {
    "an unknown key": (
        changed(URGENT, ("needs    =", "kneeds   =")),
        "catalogue/metrics/mine.toml:13: There is no key called `kneeds`. Did you mean `needs` or `reads`?",
    ),
    "an unknown key of a measure": (
        changed(URGENT, ('when      = "opened in period"', 'wehn      = "opened in period"')),
        "catalogue/metrics/mine.toml:26: There is no key called `wehn` in `measures.opened`. "
        "Did you mean `when`?",
    ),
    "no TOML": (
        changed(URGENT, ('value    = "urgent"', "value    = urgent")),
        "catalogue/metrics/mine.toml:15: `value = urgent` cannot be read. "
        'Write key = value; text stands in "quotes", a list in [brackets].',
    ),
    "a key twice": (
        changed(URGENT, ("needs    =", 'period   = "none"\nneeds    =')),
        'catalogue/metrics/mine.toml:13: `period` stands there twice. Keep one of them.',
    ),
    "a wrong type": (
        changed(URGENT, ('needs    = ["tickets"]', 'needs    = "tickets"')),
        "catalogue/metrics/mine.toml:13: `needs` is `tickets`, but a list is needed. Write a list.",
    ),
    "a word that is none of the allowed": (
        changed(URGENT, ('timing   = "leading"', 'timing   = "laeding"')),
        "catalogue/metrics/mine.toml:4: `timing` cannot be `laeding`. Did you mean `leading`? "
        "Allowed: `leading`, `lagging`, `context`.",
    ),
    "missing keys": (
        changed(URGENT, ('unit     = "count"\n', ""), ('better   = "down"\n', "")),
        "catalogue/metrics/mine.toml:1: The keys `unit`, `better` are missing. "
        "Add `unit = ...` and `better = ...`.",
    ),
    "a key that slipped into a section": (
        changed(URGENT, ('value    = "urgent"\n\n[gives]\n', '\n[gives]\nvalue    = "urgent"\n')),
        "catalogue/metrics/mine.toml:1: The metric has neither `answer` nor `value`. "
        "`value` stands inside [gives]; move it above the first [section].",
    ),
    "an unknown table": (
        changed(URGENT, ('from      = "ticket_days"', 'from      = "ticket_day"')),
        "catalogue/metrics/mine.toml:24: There is no table or derived fact called `ticket_day`. "
        "Did you mean `ticket_days` or `tickets` or `seat_days`?",
    ),
    "an unknown column": (
        changed(URGENT, ("priority =", "prioriti =")),
        "catalogue/metrics/mine.toml:31: There is no column or parameter called `prioriti`. "
        "Did you mean `priority` or `period_start`?",
    ),
    "a word that the column never holds": (
        changed(URGENT, ("'urgent'", "'Urgent'")),
        "catalogue/metrics/mine.toml:31: There is no word of `priority` called `Urgent`. "
        "Did you mean `urgent`? If your rows do hold it, write lower(priority) = 'urgent'.",
    ),
    "a function in `where`": (
        changed(URGENT, ("priority = 'urgent'", "read_csv('/etc/passwd') is null")),
        "catalogue/metrics/mine.toml:31: The function `read_csv` in `read_csv('/etc/passwd') is null` is not "
        "allowed in a metric. Use columns, numbers, 'words', comparisons, and/or/not, in, between, + - *, "
        "coalesce, lower, trim.",
    ),
    "a query in `where`": (
        changed(URGENT, ("priority = 'urgent'", "ticket_id in (select account_id from accounts)")),
        "catalogue/metrics/mine.toml:31: A query of its own in `ticket_id in (select account_id from accounts)` is "
        "not allowed in a metric. Use columns, numbers, 'words', comparisons, and/or/not, in, between, + - *, "
        "coalesce, lower, trim.",
    ),
    "an injection in `where`": (
        changed(URGENT, ("priority = 'urgent'", "1 = 1; drop table accounts; --")),
        "catalogue/metrics/mine.toml:31: `1 = 1; drop table accounts` in `1 = 1; drop table accounts; --` is not "
        "allowed in a metric. Use columns, numbers, 'words', comparisons, and/or/not, in, between, + - *, "
        "coalesce, lower, trim.",
    ),
    "a word beside a number": (
        changed(URGENT, ("priority = 'urgent'", "priority > 3")),
        "catalogue/metrics/mine.toml:31: `priority > 3` puts a word beside a whole number. "
        "Words stand in 'single quotes', numbers without.",
    ),
    "a moment beside a day": (
        changed(URGENT, ('"ticket_days"\naggregate = "count"\nwhere     = "priority = \'urgent\'"\nwhen      = "opened in period"',
                         '"tickets"\naggregate = "count"\nwhere     = "created_at <= as_of"')),
        "catalogue/metrics/mine.toml:31: `created_at <= as_of` puts a moment beside a day. A day has no time of "
        'day: say which days count with when, such as "created_at until as_of".',
    ),
    "`when` on a column that is no day": (
        changed(URGENT, ("opened in period", "priority in period")),
        "catalogue/metrics/mine.toml:26: `priority` holds no day. "
        "Days are in: `opened`, `solved`, `rated`.",
    ),
    "a window that is none": (
        changed(URGENT, ("opened in period", "opened within period")),
        "catalogue/metrics/mine.toml:26: `opened within period` says no window. Write one of: DAY in period; "
        "DAY in last N days; DAY in previous N days; DAY in last N months; DAY until as_of; "
        "START to END in force.",
    ),
    "a period window without a period": (
        changed(URGENT, ('period   = "quarter"\n', "")),
        "catalogue/metrics/mine.toml:25: `opened in period` asks for a period, but the metric has none. "
        'Add `period = "quarter"`, or use another window.',
    ),
    "an unknown measure in `value`": (
        changed(URGENT, ('value    = "urgent"', 'value    = "urgents"')),
        "catalogue/metrics/mine.toml:15: There is no measure, value or parameter called `urgents`. "
        "Did you mean `urgent`?",
    ),
    "a part in no known form": (
        changed(URGENT, ("urgent / opened over all", "urgent / opened in total")),
        "catalogue/metrics/mine.toml:18: `urgent / opened in total` says no part of an answer. Write one of: "
        "EXPRESSION per account; NAME, NAME per account; zone of EXPRESSION per account; "
        "accounts where CONDITION; share of accounts where CONDITION; count of accounts where CONDITION; "
        "EXPRESSION over all; mean of EXPRESSION over accounts; MEASURE per COLUMN.",
    ),
    "a part that nothing describes": (
        changed(URGENT, ('[components]\nshare = "ratio"', '[components]\nsahre = "ratio"')),
        "catalogue/metrics/mine.toml:21: The part `sahre` is described, but nothing gives it. "
        'Did you mean `share`? Or add sahre = "..." to [gives].',
    ),
    "a list of accounts where they are added up": (
        changed(URGENT, ("urgent / opened over all", "accounts where urgent > 1")),
        "catalogue/metrics/mine.toml:18: `accounts where urgent > 1` looks at accounts one by one, and the metric "
        'adds them up. Add per = "account", or write EXPRESSION over all.',
    ),
    "a table that `needs` does not name": (
        changed(URGENT, ('["tickets"]', '["accounts"]')),
        "catalogue/metrics/mine.toml:24: `opened` is measured on `ticket_days`, which rests on `tickets`, but "
        'neither `needs` nor `reads` names `tickets`. Add "tickets" to needs: without it the number is then '
        "Unknown and not 0.",
    ),
    "a derived fact without its parameter": (
        changed(QUIET, ('["activities"]', '["activities", "usage_daily"]'),
                ('from      = "touches"\naggregate = "max"\ncolumn    = "day"\nwhen      = "day in last window_days days"',
                 'from      = "user_window"\naggregate = "max"\ncolumn    = "active_days"'),
                ("parameters.window_days", "parameters.days"), ("as_of - last", "last")),
        "catalogue/metrics/mine.toml:25: `user_window` is made for a `window_days`, which the metric does not have. "
        "Add [parameters.window_days] with a default.",
    ),
    "a window that may reach back for ever": (
        changed(QUIET, ("maximum = 365\n", "")),
        "catalogue/metrics/mine.toml:28: `window_days` says how far back `day in last window_days days` looks, and "
        "that may be too far. Add maximum = 3660, or another up to 36600, to [parameters.window_days].",
    ),
    "a line with a wrong sign": (
        changed(QUIET, ('">="', '"=>"')),
        "catalogue/metrics/mine.toml:43: `thresholds.op` cannot be `=>`. Did you mean `>=`? "
        "Allowed: `>=`, `>`, `<=`, `<`, `between`.",
    ),
    "a line with one value between": (
        changed(QUIET, ('">="', '"between"')),
        "catalogue/metrics/mine.toml:44: A line with `between` cannot have the value `30`. "
        "Give `between` a list of two numbers, the lower first, any other sign one number.",
    ),
    "a condition that is a number": (
        changed(QUIET, ("value >= limit", "value - limit")),
        "catalogue/metrics/mine.toml:18: `value - limit` is a whole number, and a condition is needed. "
        "Write a comparison, such as open_tickets > 3.",
    ),
    "a default outside its parameter": (
        changed(QUIET, ("default = 90", "default = 900")),
        "catalogue/metrics/mine.toml:37: The default of `window_days` does not fit: `900` does not fit the parameter "
        "`window_days`. How far back. It takes: int, from any to 365.",
    ),
    "an unknown cut": (
        changed(URGENT, ('["segment"]', '["segement"]')),
        "catalogue/metrics/mine.toml:14: There is no cut called `segement`. Did you mean `segment`?",
    ),
    "tickets by colleague": (
        changed(URGENT, ('["segment"]', '["csm"]')),
        "catalogue/metrics/mine.toml:14: By `csm` it would rank people. Tickets and response times reward reacting "
        "and false urgency. Cut it by account or segment, or use handoff_failures or cadence_attainment for a book.",
    ),
    "CSAT by csm": (
        changed(URGENT, ('["segment"]', '["segment", "csm"]'), ("priority = 'urgent'", "csat >= 4"),
                ('from      = "ticket_days"\naggregate = "count"\nwhen', 'from      = "ticket_days"\naggregate = "count"\nwhere = "csat is not null"\nwhen')),
        "catalogue/metrics/mine.toml:14: By `csm` it would rank people. CSAT tells of the last call and not of the renewal. "
        "Cut it by account or segment, or use gross_renewal_rate by csm. A measure of other answers says which in "
        "`where`, such as survey_type = 'nps'.",
    ),
    "an activity target by person": (
        changed(QUIET, ('about    = "account"', 'about    = "person"'), ('column    = "day"\n', ""),
                ('"max"', '"count"'), ("as_of - last", "last")),
        "catalogue/metrics/mine.toml:40: About a `person` its line would be a target. One on the number of "
        "activities is met by more activities, not by better ones. Leave [[thresholds]] out, or use cadence_attainment, which counts promises kept.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_mistake_is_told_with_its_line_and_its_remedy(mistake: str) -> None:
    text, message = BROKEN[mistake]

    assert refused(text) == message


DEEP = [
    "(" * 2000 + "priority = 'urgent'" + ")" * 2000,
    " or ".join(["priority = 'urgent'"] * 3000),
]


@pytest.mark.parametrize("expression", DEEP, ids=["brackets", "a chain"])
def test_an_expression_too_deep_to_be_worked_on_is_refused_where_it_stands(expression: str) -> None:
    message = refused(changed(URGENT, ("priority = 'urgent'", expression)))

    assert message.startswith("catalogue/metrics/mine.toml:31: The expression `")
    assert message.endswith(
        "…` is nested too deeply to be read. Take brackets away, write `in` for a chain of `or`, "
        "or say it in several measures or values."
    )


def test_a_line_named_is_the_line_of_the_mistake() -> None:
    """No message above names a line by accident: the offending word stands there."""
    for mistake, (text, message) in BROKEN.items():
        if "missing" in mistake or "slipped" in mistake:  # what is not there has no line
            continue
        line = text.splitlines()[int(message.split(":")[1]) - 1]
        offending = [word for part in message.split("`")[1::2] for word in part.split()]
        offending += ["[[thresholds]]"] if "target" in message else []
        assert any(word.strip("'") in line for word in offending), mistake


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([("urgent / opened over all", "urgent per acount")], "declaration.name"),
        ([("urgent / opened over all", "urgent / opened per acount")], "gives.unreadable"),
        ([("priority = 'urgent'", "priority in ()")], "expression.kind"),
        ([("priority = 'urgent'", "priority")], "expression.kind"),
        ([("priority = 'urgent'", "opened = 'soon'")], "expression.kind"),
        ([("priority = 'urgent'", "csat / 2 > 1")], "expression.not_allowed"),
        ([("priority = 'urgent'", "csat is 3")], "expression.kind"),
        ([("[measures.opened]", "[measures.as_of]"), ("/ opened", "/ as_of")], "measure.name"),
        ([("[measures.opened]", '[measures."my tickets"]'), ("/ opened", "")], "measure.name"),
        ([("[measures.opened]", "[measures.case]"), ("/ opened", "")], "measure.name"),
        ([('aggregate = "count"', 'aggregate = "sum"')], "measure.column"),
        ([('aggregate = "count"', 'aggregate = "sum"\ncolumn = "status"')], "measure.not_a_number"),
        ([('aggregate = "count"', 'aggregate = "any"\ncolumn = "status"')], "measure.not_a_condition"),
        ([('aggregate = "count"', 'aggregate = "count"\nnone = "nothing"')], "declaration.name"),
        ([('aggregate = "count"', 'aggregate = "count"\nconvert = "as_of"')], "measure.currency"),
        ([('aggregate = "count"', 'aggregate = "latest"\ncolumn = "status"\norder = "opened"')], "measure.latest"),
        ([('value    = "urgent"', 'value    = "urgent"\nwhole = "urgent over all"')], "declaration.whole"),
        ([('value    = "urgent"', 'value    = "case when urgent > 1 then 1 when opened > 2 then 3 end"')], "expression.kind"),
        ([('value    = "urgent"', 'value    = "if(urgent, 1, 0)"')], "expression.kind"),
        ([('value    = "urgent"', 'value    = "urgent + as_of"')], "expression.kind"),
        ([('value    = "urgent"', 'value    = "as_of - period_start + urgent / 2"')], ""),
        ([('value    = "urgent"', 'value    = "as_of - urgent / 2"')], "expression.kind"),
        ([('value    = "urgent"', 'value    = "urgent"\nid = "other"')], "declaration.key"),
        ([('value    = "urgent"', 'value    = "urgent"\norigin = "built in"')], "declaration.key"),
        ([('value    = "urgent"', 'value    = "urgent"\nanswer = "python:os.system"')], "declaration.answer"),
        ([('value    = "urgent"', 'answer   = "python:os.system"')], "declaration.name"),
        ([('value    = "urgent"', 'answer   = "python:retention.nrr"')], "declaration.answer_parts"),
        ([('value    = "urgent"', 'value    = "urgent"\nmodels = ["seats"]')], "declaration.name"),
        ([('"How often customers called for help that could not wait."', '" "')], "declaration.value"),
        ([('cuts     = ["segment"]', 'cuts     = ["cohort"]')], "declaration.cut"),
        ([('cuts     = ["segment"]', 'cuts     = ["wave"]')], "declaration.name"),
        ([('cuts     = ["segment"]', 'cuts     = ["segment"]\ncut_columns = { segment = "kind" }')], "declaration.name"),
        ([('period   = "quarter"', 'period   = "optional"')], "when.period"),
        ([("opened in period", "opened in last 90000 days")], "when.length"),
        ([("opened in period", "opened in last many days")], "when.length"),
    ],
)  # fmt: skip
def test_what_would_fail_in_the_middle_of_a_question_fails_at_load(
    pairs: list[tuple[str, str]], code: str
) -> None:
    assert code_of(changed(URGENT, *pairs)) == code


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([("[parameters.limit]", "[parameters.as_of]"), (">= limit", ">= 3")], "declaration.parameter"),
        ([("[parameters.limit]", "[parameters.day]"), (">= limit", ">= 3")], "declaration.parameter"),
        ([('type    = "int"\ndefault = 30', 'type    = "word"')], "declaration.parameter"),
        ([('default = 90', "may_be_none = true\ndefault = 90")], "measure.parameter"),
        ([("value per account", "zone of last per account")], "expression.kind"),
        ([("value per account", "zone of value per account"), ('origin = "ours"', 'origin = "ours"\nsegment = "smb"')], "threshold.segment"),
        ([("value per account", "zone of value per account"), ('origin = "ours"', 'origin = "ours"\non = "quiet"')], "threshold.none"),
        ([('value    = "as_of - last"', 'value    = "last"'), ("value >= limit", "value is null")], "threshold.value"),
        ([("value  = 30", "value  = nan")], "threshold.value"),
        ([("value  = 30", "value  = [40, 30]"), ('">="', '"between"')], "threshold.value"),
        ([("value  = 30", "value  = [30, 40]"), ('">="', '"between"')], ""),
        ([("value per account", "mean of last over accounts")], "expression.kind"),
        ([("value per account", "account_start over all")], "gives.per"),
        ([('value    = "as_of - last"', 'value    = "as_of - last"\nwhole = "value per account"')], "declaration.whole"),
        ([('value    = "as_of - last"', 'value    = "as_of - last"\nwhole = "median of value over accounts"')], ""),
        ([("[gives]", "[unknown_when]\nno_date = \"last is null\"\n[gives]")], "declaration.key"),
        ([("[gives]", "[unknown_when]\nno_data = \"last is null\"\n[gives]")], ""),
        ([("[gives]", "[values]\nlast = \"1\"\n[gives]")], "measure.name"),
        ([('origin = "ours"', 'origin = "ours"\nsince = "2026-01-01"')], "declaration.value"),
        ([('origin = "ours"', 'origin = "ours"\nsince = 2026-01-01')], ""),
        ([("[[thresholds]]", "[short.quieter]\nlimt = 60\n[[thresholds]]")], "declaration.name"),
        ([("[[thresholds]]", "[short.quieter]\nlimit = 60\n[[thresholds]]")], ""),
        ([("[[thresholds]]", "[short.quieter]\nlimit = \"many\"\n[[thresholds]]")], "declaration.parameter"),
    ],
)  # fmt: skip
def test_parameters_lines_and_parts_hold_together(pairs: list[tuple[str, str]], code: str) -> None:
    assert code_of(changed(QUIET, *pairs)) == code


@pytest.mark.parametrize("name", ["My Metric", "Urgent", "1st", "a-b", "größe"])
def test_a_file_name_that_is_no_id_is_told_with_one_that_is(name: str) -> None:
    message = refused(URGENT, id=name)

    assert message.startswith(
        f"catalogue/metrics/{name}.toml:1: `{name}` cannot be the name of a metric"
    )
    assert "Rename the file" in message
