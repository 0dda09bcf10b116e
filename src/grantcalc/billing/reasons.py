"""Why a line pays nothing, or pays less: a code of a closed list with its figures, from which the
sentence is made.

Code decides by the code and the figures. The sentence is for people, and nothing reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import frozen

Code = Literal[
    "not_served",
    "served_days",
    "month_limit",
    "enrolled_late",
    "before_start",
    "months_used",
    "made_known_late",
    "claimed_late",
    "under_least",
    "rounded_to_nothing",
    "too_few_hours",
    "over_daily_most",
    "not_enrolled",
    "absent",
    "credit",
    "stated",
]

# Of each code the names of its figures, and the sentence.
_TOLD: Mapping[Code, tuple[tuple[str, ...], str]] = {
    "not_served": (("status",), "participants with the status {status} are not served"),
    "served_days": (("days", "status"), "participants with the status {status} are served for at most {days} days"),
    "month_limit": (("months", "phase"), "at most {months} months of phase {phase} are paid"),
    "enrolled_late": (
        ("days", "since", "at_most"),
        "enrolled {days} days after {since}, at most {at_most} are allowed",
    ),
    "before_start": (("since",), "before the day of {since}"),
    "months_used": (("months", "start"), "beyond {months} months of eligibility from {start}"),
    "made_known_late": (("days",), "made known more than {days} days after the day of service"),
    "claimed_late": (("days",), "claimed more than {days} day{s} after the end of the month"),
    "under_least": (("amount", "least"), "{amount} is under the least amount paid, {least}"),
    "rounded_to_nothing": ((), "the share of the month is rounded down to nothing"),
    "too_few_hours": ((), "fewer hours than the terms pay of a day"),
    "over_daily_most": ((), "more than the terms pay of a day"),
    "not_enrolled": ((), "not enrolled on the day"),
    "absent": (("days",), "{days} day{s} of absence not paid"),
    "credit": ((), "credit"),
    "stated": (("text",), "{text}"),  # in words, by a document of format 1 that another program wrote
}
CODES: Mapping[Code, tuple[str, ...]] = {code: names for code, (names, _) in _TOLD.items()}
"""Every code, with the names of its figures."""
NUMBERS = ("months", "days", "at_most")
"""The figures that are whole numbers; all others are texts: a phase, a day, an amount of US
dollars."""


@frozen(order=True)
class Reason:
    """A code and its figures, in the order of `CODES`: `Reason("month_limit", (8,
    "certified"))`."""

    code: Code
    figures: tuple[int | str, ...] = ()

    def __str__(self) -> str:
        """The sentence."""
        said = dict(zip(CODES[self.code], self.figures, strict=True))
        return _TOLD[self.code][1].format(**said, s="" if said.get("days") == 1 else "s")

    def record(self) -> dict[str, int | str]:
        """The code and each figure by its name."""
        return {"code": self.code, **dict(zip(CODES[self.code], self.figures, strict=True))}

    def cell(self) -> str:
        """The same as one text, for a cell: `month_limit; months=8; phase=certified`."""
        return "; ".join([self.code, *(f"{name}={value}" for name, value in [*self.record().items()][1:])])

    @classmethod
    def of_record(cls, record: Mapping[str, int | str]) -> Reason:
        """The reason of such a record, which the schema accepts."""
        code = next(c for c in CODES if c == record["code"])
        return cls(code, tuple(record[name] for name in CODES[code]))

    @classmethod
    def of_cell(cls, text: str) -> Reason | None:
        """The reason of such a text; None where it is none."""
        code = next((c for c in CODES if c == text.partition("; ")[0]), None)
        if code is None:
            return None
        names = CODES[code]
        first, *rest = text.split("; ", len(names))
        parts = [part.partition("=") for part in rest]
        numbers = all(value.isdecimal() for name, _, value in parts if name in NUMBERS)
        if first != code or tuple(name for name, _, _ in parts) != names or not numbers:
            return None
        return cls(code, tuple(int(value) if name in NUMBERS else value for name, _, value in parts))


CREDIT = Reason("credit")
"""Of a counted line: these are credits, never counted together with costs (Rulebook 7.2)."""
