"""Number formats: which make a number a date, which show nothing of it, and what day a number is.

A workbook keeps a date as a number of days; that it is a date, only its format says (ECMA-376, part
1, 18.8.30).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, time, timedelta

from attrs import frozen

from grantcalc.xlsx.grammar import Attributes, Node, parse
from grantcalc.xlsx.scan import SOUND, Package

# Formats that are known by number; those from 27 on only in East Asia, where they are dates of some
# calendar.
_NUMBERED = {
    **dict.fromkeys((*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((*range(18, 22), *range(32, 36), 45, 47, 55, 56), "hh:mm:ss"),
    **dict.fromkeys((*range(71, 75), 77, 81), "yyyy-mm-dd"),  # in Thailand
    **dict.fromkeys((75, 76, 78, 80), "hh:mm:ss"),
    **dict.fromkeys((46, 79), "[h]:mm:ss"),
    **dict.fromkeys((2, 3, 4, 9, 10, 11, 12, 13, 37, 38, 39, 40, 48), "#,##0.00"),  # shown otherwise than it is stored
}
_PIECE = re.compile(r'"[^"]*"?|\\.?|[_*].?|\[[^\]]*\]?|;|General|[^"\\_*\[;G]+|G', re.DOTALL | re.IGNORECASE)
_ELAPSED = re.compile(r"\[([hmsชนท])\1*\]", re.IGNORECASE)
_DATE, _TIME = "dybegวดป", "hsชนท"
"""Letters of a date and of a time: `b`, `e` and `g` stand for a Buddhist year, a year of an era and
its name; and those of Thai formats."""
_EXPONENT = re.compile(r"general|e[+-]")
_WHOLE = re.compile(r"(\[[a-z0-9]+\])?(general|@|#*(?P<digits>0*))", re.IGNORECASE)
_CONDITION = re.compile(r"\[[<>=]")
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 (a spreadsheet's days have no zone)
_AGREED = 61  # 1900-03-01, from which on all spreadsheets count the same days
_LAST = 2_958_466  # 10000-01-01, which is none

Moment = datetime | time | timedelta


@frozen
class Look:
    """What a format makes of a number: a `date`, a `time` of day, a `duration`, or none of these;
    and whether it shows nothing of numbers above zero, of those below, and of text.

    `digits` is how many digits it shows of a whole number at least, with zeros before it (00000:
    5); None where it shows something else than the number's own digits. `currency` is what it shows
    besides a number, if that is a currency other than the US dollar: its sign or its code.
    """

    kind: str = ""
    hides: tuple[bool, bool, bool] = (False, False, False)
    digits: int | None = 0
    currency: str = ""

    def hidden(self, value: object) -> bool:
        """Whether of a value that is there nothing is seen. Zeros are hidden often and on purpose,
        and lose nothing."""
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
    shows = re.compile(f"[0#?@m{_DATE}{_TIME}]|general")
    empty = [not shows.search(section) for section in sections] if code else [False]
    if _CONDITION.search(code):
        above = below = any(empty[:3])
    else:
        above, below = empty[0], empty[1] if len(empty) > 1 else empty[0]
    whole = _WHOLE.fullmatch(code.split(";", maxsplit=1)[0])
    digits = len(whole["digits"] or "") if whole and not _CONDITION.search(code) else None
    hides = above, below, len(empty) > 3 and empty[3]
    return Look(_kind(sections[0]), hides, 0 if digits == 1 else digits, _currency(code))


def _kind(section: str) -> str:
    if "[" in section:
        return "duration"
    section = _EXPONENT.sub("", section)
    timed = re.search(f"[{_TIME}]", section)
    if re.search(f"[{_DATE}]", section) or ("m" in section and not timed):
        return "date"
    return "time" if timed else ""


_SIGNED = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)(?:-([0-9A-Fa-f]+))?[^\]]*\]|([^\x00-\x7f])')
_CODES = frozenset(
    "AED ARS AUD BRL CAD CHF CLP CNY COP CZK DKK EUR GBP HKD HUF IDR ILS INR JPY KRW MXN MYR NOK NZD PEN PHP PLN RON "
    "RUB SAR SEK SGD THB TRY TWD UAH VND XAF XOF ZAR".split()
)
_DOLLARS_OF = {  # by the language and country of a format: a dollar or peso sign that is not that of the US dollar
    **dict.fromkeys((0x1009, 0x0C0C), "CAD"),
    **dict.fromkeys((0x0C09,), "AUD"),
    **dict.fromkeys((0x1409,), "NZD"),
    **dict.fromkeys((0x080A,), "MXN"),
    **dict.fromkeys((0x1004, 0x4804, 0x4809), "SGD"),
    **dict.fromkeys((0x0C04, 0x3C09), "HKD"),
    **dict.fromkeys((0x0404,), "TWD"),
    **dict.fromkeys((0x2C0A,), "ARS"),
    **dict.fromkeys((0x340A,), "CLP"),
    **dict.fromkeys((0x240A,), "COP"),
}


def _currency(code: str) -> str:
    """The currency other than the US dollar that a format shows, as its sign or code; or
    nothing."""
    for quoted, escaped, symbol, country, bare in _SIGNED.findall(code):
        text = (quoted or escaped or symbol or bare).strip()
        if symbol and text == "$":
            other = _DOLLARS_OF.get(int(country[-4:], 16) if country else 0, "")
        else:
            other = _other_currency(text)
            if symbol and not other and text.upper() not in ("", "USD", "US$"):
                other = text if len(text) < 5 else "another currency"
        if other:
            return other
    return ""


def _other_currency(text: str) -> str:
    """The sign or code by which a text in a format names a currency that is not the US dollar."""
    signs: list[str] = [c for c in text if unicodedata.category(c) == "Sc" and c != "$"]
    codes = [word for word in re.findall("[A-Z]+", text) if word in _CODES]
    dollars = re.search(r"\b(?!US)[A-Z]{1,3}\$", text)
    return next(iter(signs + codes), dollars[0] if dollars else "")


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
    known = {n: look_of_code for n in {*numbers} & codes.keys() if (look_of_code := look(codes[n])) != PLAIN}
    return [known.get(n) or PLAIN for n in numbers]


def moment(value: float, kind: str, from_1904: bool) -> Moment | None:
    """The day, time or duration that a number is; None for a day on which spreadsheets do not
    agree, before 1900-03-01.

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
