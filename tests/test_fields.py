"""One declaration of a line's fields, and one list of reasons: every document follows from them."""

from __future__ import annotations

from io import BytesIO

import pytest
from attrs import NOTHING, fields

from grantcalc import Line, to_frame
from grantcalc.billing.fields import ALWAYS, FIELDS, UNCOUNTED, fields_but
from grantcalc.billing.lines import REDUCTION_KINDS
from grantcalc.billing.reasons import CODES, NUMBERS, Reason
from grantcalc.io.exchange.frames import FRAME_COLUMNS
from grantcalc.io.exchange.schema import schema
from grantcalc.io.issued.linefile import write_lines
from grantcalc.io.issued.linesheet import DETAIL_COLUMNS, LINE_COLUMNS
from tests.test_documents import CLAIM, REQUEST

NAMES = [f.name for f in FIELDS]
SAID = {
    "not_served": Reason("not_served", ("us_citizen",)),
    "served_days": Reason("served_days", (42, "unscreened")),
    "month_limit": Reason("month_limit", (8, "certified")),
    "enrolled_late": Reason("enrolled_late", (40, "arrival", 31)),
    "before_start": Reason("before_start", ("eligibility",)),
    "months_used": Reason("months_used", (8, "2012-01-05")),
    "made_known_late": Reason("made_known_late", (90,)),
    "claimed_late": Reason("claimed_late", (60,)),
    "under_least": Reason("under_least", ("9.94", "10.00")),
    "rounded_to_nothing": Reason("rounded_to_nothing"),
    "too_few_hours": Reason("too_few_hours"),
    "over_daily_most": Reason("over_daily_most"),
    "not_enrolled": Reason("not_enrolled"),
    "absent": Reason("absent", (1,)),
    "credit": Reason("credit"),
    "stated": Reason("stated", ("as agreed; phase=none",)),
}


class TestFields:
    """A field is declared once: `Line`, JSON, the Lines sheet, its CSV file and data frames all
    have it."""

    def test_they_are_those_of_a_line(self) -> None:
        own = {a.name: a.default for a in fields(Line)}
        assert sorted(NAMES) == sorted(own)
        assert len({f.header for f in FIELDS}) == len(FIELDS)
        for f in FIELDS:
            if own[f.name] is not NOTHING and f.name != "source":
                assert f.empty == own[f.name], f.name
        assert UNCOUNTED == {"participant": None, "day": None, "reference": ""}

    @pytest.mark.parametrize(("kind", "name", "other"), [("claim", "line", []), ("entry", "identity", ["amount"])])
    def test_the_schema_has_them_in_this_order(self, kind: str, name: str, other: list[str]) -> None:
        node = schema(kind)["$defs"][name]
        without = ["count", "amount", "source"] if kind == "entry" else []
        assert [*node["properties"]] == [n for n in NAMES if n not in without] + (["row"] if kind == "claim" else [])
        required = [f.name for f in fields_but(*without) if f.empty is ALWAYS and f.name != "source"]
        assert node["required"] == required

    def test_the_sheet_and_its_file_have_their_headers_in_this_order(self) -> None:
        headers = [c.header for c in (*LINE_COLUMNS, *DETAIL_COLUMNS)]
        assert [h for h in headers if h in {f.header for f in FIELDS}] == [f.header for f in FIELDS]
        write_lines(CLAIM.lines, CLAIM.parties, True, "lines.csv", target := BytesIO())
        assert target.getvalue().decode().splitlines()[0] == ",".join(headers)

    def test_a_frame_has_their_names_in_this_order(self) -> None:
        assert [name for name in FRAME_COLUMNS if name in NAMES] == NAMES[:-1]
        assert list(to_frame(REQUEST).columns) == list(FRAME_COLUMNS)


class TestReasons:
    """A reason is a code with its figures; the sentence is made from them, and nothing reads it."""

    def test_every_code_is_tried_here(self) -> None:
        assert [*SAID] == [*CODES]

    @pytest.mark.parametrize("reason", SAID.values(), ids=str)
    def test_a_record_and_a_cell_are_read_as_they_were_written(self, reason: Reason) -> None:
        assert Reason.of_record(reason.record()) == reason
        assert Reason.of_cell(reason.cell()) == reason

    def test_what_they_say(self) -> None:
        assert SAID["month_limit"].record() == {"code": "month_limit", "months": 8, "phase": "certified"}
        assert SAID["month_limit"].cell() == "month_limit; months=8; phase=certified"
        assert [str(reason) for reason in SAID.values()] == [
            "participants with the status us_citizen are not served",
            "participants with the status unscreened are served for at most 42 days",
            "at most 8 months of phase certified are paid",
            "enrolled 40 days after arrival, at most 31 are allowed",
            "before the day of eligibility",
            "beyond 8 months of eligibility from 2012-01-05",
            "made known more than 90 days after the day of service",
            "claimed more than 60 days after the end of the month",
            "9.94 is under the least amount paid, 10.00",
            "the share of the month is rounded down to nothing",
            "fewer hours than the terms pay of a day",
            "more than the terms pay of a day",
            "not enrolled on the day",
            "1 day of absence not paid",
            "credit",
            "as agreed; phase=none",
        ]

    @pytest.mark.parametrize(
        "text",
        [
            *("", "no such code", "month_limit", "month_limit; months=8", "month_limit; months=x; phase=a"),
            *("month_limit; phase=a; months=8", "absent; days=-1", "credit; days=1"),
        ],
    )
    def test_what_is_no_reason(self, text: str) -> None:
        assert Reason.of_cell(text) is None

    @pytest.mark.parametrize("kind", ["claim", "request", "entry"])
    def test_the_schema_lists_each_code_with_its_figures(self, kind: str) -> None:
        node = schema(kind)["$defs"]["reason"]
        assert node["properties"]["code"]["enum"] == [*CODES]
        numbers = [name for name, below in node["properties"].items() if below.get("$ref") == "#/$defs/quantity"]
        assert sorted(numbers) == sorted(NUMBERS)
        for rule, (code, names) in zip(node["allOf"], CODES.items(), strict=True):
            assert rule["if"]["properties"]["code"]["const"] == code
            assert rule["then"]["required"] == [*names]
            assert {*rule["then"]["properties"]} | {*names} | {"code"} == {*node["properties"]}

    @pytest.mark.parametrize(("kind", "name"), [("claim", "reduction"), ("request", "reduction"), ("entry", "reducer")])
    def test_the_schema_lists_each_kind_of_reduction(self, kind: str, name: str) -> None:
        assert schema(kind)["$defs"][name]["properties"]["kind"]["enum"] == [*REDUCTION_KINDS]
