"""Format 1, which grantcalc 0.1.0 wrote: claims, requests and entries of a ledger, made into those
of format 2.

It named a reduction and told a reason in words only. Here alone such words are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from grantcalc.billing.fields import FIELDS
from grantcalc.billing.lines import Reducer
from grantcalc.billing.reasons import CODES, NUMBERS, Code, Reason

ALLOWED = "Lets stand"
"""The header under which a workbook has the room of a reduction."""
_KEYS = {f.key_1: f.name for f in FIELDS if f.key_1}
SENTENCES: Mapping[Code, str] = {
    "month_limit": r"at most (?P<months>\d+) months of phase (?P<phase>.*) are paid",
    "enrolled_late": r"enrolled (?P<days>\d+) days after (?P<since>\w+), at most (?P<at_most>\d+) are allowed",
    "before_start": r"before the day of (?P<since>arrival|eligibility)",
    "months_used": r"beyond (?P<months>\d+) months of eligibility from (?P<start>[\d-]{10})",
    "made_known_late": r"made known more than (?P<days>\d+) days after the day of service",
    "under_least": r"(?P<amount>-?[\d,]+\.\d\d) is under the least amount paid, (?P<least>[\d.]+)",
    "over_daily_most": "more than the terms pay of a day",
    "not_enrolled": "not enrolled on the day",
    "absent": r"(?P<days>\d+) days? of absence not paid",
    "credit": "credit",
    "stated": "(?P<text>.+)",
}


def document(row: Mapping[str, Any]) -> dict[str, Any]:
    """A claim or request of format 1 as one of format 2."""
    lines = [_line(x) for x in row["lines"]]
    reductions = [_reduction(x, lines[x["line"]] if x["line"] < len(lines) else {}) for x in row["limits"]]
    more = {"format": 2, "lines": lines, "reductions": reductions}
    return {key: value for key, value in row.items() if key != "limits"} | more


def entry(row: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of format 1 as one of format 2."""
    if row["act"] != "change":
        return {**row, "format": 2}
    as_format_2 = {_KEYS.get(key, key): value for key, value in row.items() if key != "limit"} | {"format": 2}
    as_format_2["line"] = _line(row["line"])
    if "limit" in row:
        as_format_2["reduction"] = _reduction(row["limit"], as_format_2["line"])
    return as_format_2


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    as_format_2 = {_KEYS.get(key, key): value for key, value in row.items()}
    if why := reason(row.get("reason", "")):
        as_format_2["reason"] = why.record()
    return as_format_2


def _reduction(row: Mapping[str, Any], line: Mapping[str, Any]) -> dict[str, Any]:
    as_format_2 = {_KEYS.get(key, key): value for key, value in row.items() if key != "ceiling"}
    cited = row["authority"]["citation"]
    kind, id = reducer(row["ceiling"], row["window"], cited, line.get("month", ""), line.get("budget_period", ""))
    return {"kind": kind, "id": id, **as_format_2}


def reducer(ceiling: str, window: str, cited: str, month: str, budget_period: str) -> Reducer:
    """What reduced a line, by the words and the window with which 0.1.0 named it, what says so, and
    the line's month and budget period. It did not tell a share from a ceiling: that is then a
    ceiling."""
    word, _, id = ceiling.partition(" ")
    if word == "disallowance" and window == month and cited.startswith(ceiling):
        return "disallowance", id
    if word == "subaward" and window == "subaward period":
        return "subaward", id
    if word == "award" and window == budget_period:
        return "award", id
    if window == month and (seats := re.fullmatch(r"capacity of (\d+)", ceiling)):
        return "capacity", seats[1]
    return "ceiling", ceiling


def reason(said: str) -> Reason | None:
    """The reason that 0.1.0 told in these words; None for no words."""
    for code, sentence in SENTENCES.items():
        if match := re.fullmatch(sentence, said, re.DOTALL):
            figures = {**match.groupdict()}
            if "amount" in figures:
                figures["amount"] = figures["amount"].replace(",", "")
            return Reason(code, tuple(int(figures[n]) if n in NUMBERS else figures[n] for n in CODES[code]))
    return None
