"""Number formats: which make a number a date, which show nothing of it, and what day a number is.

A workbook keeps a date as a number of days; that it is a date, only its format says (ECMA-376, part 1, 18.8.30).
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from attrs import frozen

from grantcalc.xlsx.parts import Attributes, Node, parse
from grantcalc.xlsx.scan import SOUND, Package

# Formats that are known by number; those from 27 on only in East Asia, where they are dates of some calendar.
_NUMBERED = {
    **dict.fromkeys((*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((*range(18, 22), *range(32, 36), 45, 47, 55, 56), "hh:mm:ss"),
    46: "[h]:mm:ss",
    **dict.fromkeys((2, 3, 4, 9, 10, 11, 12, 13, 37, 38, 39, 40, 48), "#,##0.00"),  # shown otherwise than it is stored
}
_PIECE = re.compile(r'"[^"]*"?|\\.?|[_*].?|\[[^\]]*\]?|;|General|[^"\\_*\[;G]+|G', re.DOTALL | re.IGNORECASE)
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_WHOLE = re.compile(r"(\[[a-z0-9]+\])?(general|@|#*(?P<digits>0*))", re.IGNORECASE)
_CONDITION = re.compile(r"\[[<>=]")
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 (a spreadsheet's days have no zone)
_AGREED = 61  # 1900-03-01, from which on all spreadsheets count the same days
_LAST = 2_958_466  # 10000-01-01, which is none

Moment = datetime | time | timedelta


@frozen
class Look:
    """What a format makes of a number: a `date`, a `time` of day, a `duration`, or none of these; and whether it shows
    nothing of numbers above zero, of those below, and of text.

    `digits` is how many digits it shows of a whole number at least, with zeros before it (00000: 5); None where it
    shows something else than the number's own digits.
    """

    kind: str = ""
    hides: tuple[bool, bool, bool] = (False, False, False)
    digits: int | None = 0

    def hidden(self, value: object) -> bool:
        """Whether of a value that is there nothing is seen. Zeros are hidden often and on purpose, and lose nothing."""
        above, below, text = self.hides
        if isinstance(value, str):
            return text and value != ""
        return isinstance(value, int | float) and ((value > 0 and above) or (value < 0 and below))


PLAIN = Look()


def look(code: str) -> Look:
    """What a format code does: `yyyy-mm-dd`, `[h]:mm`, `#,##0.00;;;`."""
    sections = [""]
    for piece in _PIECE.findall(code):
        if piece == ";":
            sections.append("")
        elif piece[0] not in '"\\_*[' or _ELAPSED.fullmatch(piece):
            sections[-1] += piece.lower()
    empty = [not re.search("[0#?@dmyhs]|general", section) for section in sections] if code else [False]
    if _CONDITION.search(code):
        above = below = any(empty[:3])
    else:
        above, below = empty[0], empty[1] if len(empty) > 1 else empty[0]
    whole = _WHOLE.fullmatch(code.split(";", maxsplit=1)[0])
    digits = len(whole["digits"] or "") if whole and not _CONDITION.search(code) else None
    return Look(_kind(sections[0]), (above, below, len(empty) > 3 and empty[3]), 0 if digits == 1 else digits)


def _kind(section: str) -> str:
    if "[" in section:
        return "duration"
    if re.search("[dy]", section) or ("m" in section and not re.search("[hs]", section)):
        return "date"
    return "time" if re.search("[hs]", section) else ""


def looks(package: Package, part: str) -> list[Look]:
    """What the format of each style of the workbook does, by the number that cells give."""
    codes, numbers = dict(_NUMBERED), list[int]()

    def number(a: Attributes) -> int:
        text = a.get("numFmtId", "0")
        if not re.fullmatch("[0-9]{1,9}", text):
            package.report.refuse("format", "this workbook is broken: a number format has no number", SOUND)
        return int(text)

    def style(a: Attributes) -> None:
        numbers.append(number(a))
        if len(numbers) > package.report.limits.styles:
            expected = f"at most {package.report.limits.styles:,}"
            package.report.refuse("styles", "this workbook has too many styles of cells", expected)

    def code(a: Attributes) -> None:
        codes[number(a)] = a.get("formatCode", "")

    content = Node(numFmts=Node(numFmt=Node(code)), cellXfs=Node(xf=Node(style)))
    parse(package, part, Node(styleSheet=content))
    known = {n: found for n in {*numbers} & codes.keys() if (found := look(codes[n])) != PLAIN}
    return [known.get(n) or PLAIN for n in numbers]


def moment(value: float, kind: str, from_1904: bool) -> Moment | None:
    """The day, time or duration that a number is; None for a day on which spreadsheets do not agree, before 1900-03-01.

    `OverflowError` for what no spreadsheet shows as one: a negative day, or one after 9999.
    """
    if kind == "duration":
        if abs(value) >= _LAST:
            raise OverflowError
        return timedelta(milliseconds=round(value * 86_400_000))
    if not 0 <= value < _LAST - 1462 * from_1904:
        raise OverflowError
    days, fraction = divmod(value, 1)
    rest = timedelta(milliseconds=round(fraction * 86_400_000))
    if kind == "time" and value < 1 and rest.days == 0:
        return (_EPOCH + rest).time()
    if value < _AGREED and not from_1904:
        return None
    return (_EPOCH_1904 if from_1904 else _EPOCH) + timedelta(days=days) + rest
