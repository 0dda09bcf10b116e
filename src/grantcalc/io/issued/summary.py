"""The cover of a claim or request, its sums, and its months against the award: every figure a live
formula."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby

from attrs import frozen

from grantcalc.billing.lines import Line, Reduction
from grantcalc.billing.parties import Party
from grantcalc.money import dollars
from grantcalc.periods import Month, month_of
from grantcalc.xlsx.sheets import Block, Chart, Formula, Sheet, TableColumn, WrittenValue

SUMMARY, MONTHS, LINES, HELD = "Summary", "Months", "Lines", "Held back"
SIGNATURE_CELLS = ("Signature", "Name and title", "Date signed")
_NUMBER = "a number"
_IN_MONTH = '{Month}&"*"'  # with the star it is a text wherever it might be read as a date

TITLES = {"bill": "Claim", "request": "Reimbursement request", "statement": "Statement", "roster": "Roster"}
"""What a document is called, by the command that makes it."""

CoverFacts = Sequence[tuple[str, WrittenValue]]
SumNames = Mapping[WrittenValue, Sequence[WrittenValue]]
"""The names that a column may hold, each with what stands beside it."""

_REPORT = (
    "“By signing this report, I certify to the best of my knowledge and belief that the report is true, complete, and "
    "accurate, and the expenditures, disbursements and cash receipts are for the purposes and objectives set forth in "
    "the terms and conditions of the Federal award. I am aware that any false, fictitious, or fraudulent information, "
    "or the omission of any material fact, may subject me to criminal, civil or administrative penalties for fraud, "
    "false statements, false claims or otherwise. (U.S. Code Title 18, Section 1001 and Title 31, Sections 3729-3730 "
    "and 3801-3812).”"
)
_UNDER_75 = "For awards under 45 CFR 75 (of HHS: made from 2014-12-26 to 2025-09-30), section 75.415(a): " + _REPORT
_BY_RECIPIENT = "For awards under 2 CFR 200 (of HHS: made on 2025-10-01 or later), section 200.415(a): " + _REPORT
_BY_SUBRECIPIENT = (
    "For subawards under awards to which 2 CFR 200 applies (of HHS: made on 2025-10-01 or later), section 200.415(b): "
    "“I certify to the best of my knowledge and belief that the information provided herein is true, complete, and "
    "accurate. I am aware that the provision of false, fictitious, or fraudulent information, or the omission of any "
    "material fact, may subject me to criminal, civil, or administrative consequences including, but not limited to "
    "violations of U.S. Code Title 18, Sections 2, 1001, 1343 and Title 31, Sections 3729-3730 and 3801-3812.”"
)
# Since when an HHS award may stand under the words, newest first.
_CERTIFIES: Mapping[str, tuple[tuple[date, str], ...]] = {
    "request": ((date(2025, 10, 1), _BY_RECIPIENT), (date(2014, 12, 26), _UNDER_75)),
    "claim": ((date(2025, 10, 1), _BY_SUBRECIPIENT), (date(2014, 12, 26), _UNDER_75)),
}


def signature(document: str, known: date, awarded: Iterable[date] = ()) -> Block:
    """Lines to sign on, under the certification of 45 CFR 75.415(a) or 2 CFR 200.415 of each award,
    by its day; where that is not told, under each that an award known by then may have (Rulebook
    9.3)."""
    who = "recipient" if document == "request" else "subrecipient"
    text = f"To be signed by an official who is authorized to legally bind the {who}."
    days = tuple(awarded)
    certified = [(since, words) for since, words in _CERTIFIES[document] if known >= since]
    if days:
        own = [next(((since, words) for since, words in certified if day >= since), None) for day in days]
        certified = [each for each in certified if each in own]
    words = (text, *(words for _, words in certified))
    rows = [(what, None) for what in SIGNATURE_CELLS]
    return Block((TableColumn(""), TableColumn("")), rows, heading="Certification", text=words)


def contents(sheets: Iterable[tuple[str, str]]) -> Block:
    """The sheets of the workbook with what each holds; a click leads there."""
    columns = (TableColumn("Sheet", "sheet"), TableColumn("What it holds"))
    return Block(columns, [*sheets], heading="In this workbook")


def title_of(command: str, through: Month, known: date) -> str:
    """The title of a document, by the command that makes it."""
    return f"{TITLES.get(command, 'Reimbursement request')} to {through}, as known on {known}"


@frozen
class BilledSheets:
    """What a claim or request sums: its lines, what ceilings hold back of them, and the parties."""

    lines: Sequence[Line]
    reductions: Sequence[Reduction]
    parties: Sequence[Party]

    @property
    def earned(self) -> int:
        """Sum of the lines, in cents."""
        return sum(x.amount for x in self.lines)

    @property
    def held(self) -> int:
        """Sum of what ceilings hold back, in cents: 0 or less."""
        return sum(x.amount for x in self.reductions)


def summary_sheet(
    title: str,
    label: str,
    facts: CoverFacts,
    billed: BilledSheets,
    requested: tuple[Block, ...] = (),
    after: tuple[Block, ...] = (),
) -> Sheet:
    """The cover: what it is, its figures, what is requested, what to sign; then the sums by
    recipient, subaward, region and pool."""
    earned, held, parties = billed.earned, billed.held, billed.parties
    one, two = "SUM({Lines.Amount:})", "SUM({Held back.Held back:})"
    figures: list[tuple[WrittenValue, ...]] = [
        ("Earned", Formula(one, dollars(earned))),
        ("Held back by ceilings", Formula(two, dollars(held))),
        ("Claimed", Formula(f"{one}+{two}", dollars(earned + held))),
    ]
    cover = Block(
        (TableColumn("", width=28), TableColumn("", width=40)), [*facts], heading=title, text=(label,) if label else ()
    )
    money = Block((TableColumn("Figure", width=28), TableColumn("USD", "money")), figures, name="Figures")
    awards: SumNames = {p.award: (p.recipient,) for p in sorted(parties, key=lambda p: p.award)}
    subawards: SumNames = {p.subaward: (p.subrecipient, p.award) for p in sorted(parties)}
    named = TableColumn("Subrecipient"), TableColumn("Under award")
    by_award = _sums(billed, "By recipient", "Award", awards, TableColumn("Recipient"), first=True)
    blocks = [cover, money, *requested, *after, by_award]
    blocks.append(_sums(billed, "By subaward", "Subaward", subawards, *named))
    if parties and all(p.region for p in parties):
        regions: SumNames = dict.fromkeys(sorted({p.region for p in parties if p.region}), ())
        blocks.append(_sums(billed, "By HHS region", "Region", regions))
    pools: SumNames = dict.fromkeys(sorted({x.pool for x in billed.lines}), ())
    blocks.append(_sums(billed, "By cost pool", "Pool", pools))
    return Sheet(SUMMARY, tuple(blocks), landscape=True)


def _sums(
    billed: BilledSheets, heading: str, header: str, names: SumNames, *columns: TableColumn, first: bool = False
) -> Block:
    """What is earned, held back and claimed under each name that the column `header` may hold."""
    by = {p.subaward: p for p in billed.parties}
    earned_keys = [_key(line, header, by) for line in billed.lines]
    held_keys = [_key(x.line, header, by) for x in billed.reductions]
    of = {name: [0, 0] for name in names}
    for key, line in zip(earned_keys, billed.lines, strict=True):
        of[key][0] += line.amount
    for key, reduction in zip(held_keys, billed.reductions, strict=True):
        of[key][1] += reduction.amount
    rows: list[tuple[WrittenValue, ...]] = []
    for name, more in names.items():
        one = sum_where(LINES, "Amount", header, name, earned_keys, names)
        two = sum_where(HELD, "Held back", header, name, held_keys, names)
        a, b = of[name]
        figures = Formula(one, dollars(a)), Formula(two, dollars(b)), Formula(f"{one}+{two}", dollars(a + b))
        rows.append((name, *more, *figures))
    total: list[WrittenValue] = ["Total", *([None] * len(columns))]
    claimed = billed.earned + billed.held
    for column, value in (("Earned", billed.earned), ("Held back", billed.held), ("Claimed", claimed)):
        total.append(Formula(f"SUM({{{column}:}})", dollars(value)))
    money = (TableColumn("Earned", "money"), TableColumn("Held back", "money"), TableColumn("Claimed", "money"))
    return Block((TableColumn(header), *columns, *money), rows, heading=heading, total=total, new_page=first)


FIGURE_NAMES = {"Earned": "{Figures.USD#1}", "HeldBack": "{Figures.USD#2}", "Claimed": "{Figures.USD#3}"}
"""The names by which other workbooks and formulas find the figures of the cover."""


def _key(line: Line, header: str, parties: Mapping[str, Party]) -> WrittenValue:
    match header:
        case "Award":
            return line.award
        case "Subaward":
            return line.subaward
        case "Region":
            return parties[line.subaward].region
        case _:
            return line.pool


def months_sheet(billed: BilledSheets, authorized: int | None = None) -> Sheet:
    """Month by month: earned, held back, claimed, and claimed to date; beside what is authorized,
    for a request, in cents. With a chart."""
    of: dict[Month, list[int]] = {}
    for line in billed.lines:
        of.setdefault(line.month, [0, 0])[0] += line.amount
    for reduction in billed.reductions:
        of.setdefault(reduction.line.month, [0, 0])[1] += reduction.amount
    months = [month_of(n) for n in range(min(of).number, max(of).number + 1)] if of else []
    asked = [] if authorized is None else ["Authorized"]
    figures = ("Earned", "Held back", "Claimed", "Claimed to date", *asked)
    columns = (TableColumn("Month", "month", width=12), *(TableColumn(figure, "money", width=18) for figure in figures))
    rows: list[tuple[WrittenValue, ...]] = []
    to_date = 0
    for month in months:
        earned, held = of.get(month, (0, 0))
        to_date += earned + held
        row: tuple[WrittenValue, ...] = (
            str(month),
            Formula(f"SUMIFS({{Lines.Amount:}},{{Lines.Month:}},{_IN_MONTH})", dollars(earned)),
            Formula(f"SUMIFS({{Held back.Held back:}},{{Held back.Month:}},{_IN_MONTH})", dollars(held)),
            Formula("{Earned}+{Held back}", dollars(earned + held)),
            Formula("SUM({Claimed$}:{Claimed})", dollars(to_date)),
        )
        more = () if authorized is None else (Formula("{Requested.Authorized#total}", dollars(authorized)),)
        rows.append((*row, *more))
    sums = (sum(each[0] for each in of.values()), sum(each[1] for each in of.values()), to_date)
    total: list[WrittenValue] = ["Total"]
    total += [Formula(f"SUM({{{h}:}})", dollars(s)) for h, s in zip(figures, sums, strict=False)]
    total += [None] * (len(figures) - len(sums))
    chart = Chart(
        "Claimed by month, and to date" + (", against the award" if asked else ""),
        "Bars: what is claimed of each service month. Lines: what is claimed to date"
        + (", and what the award has authorized" if asked else "")
        + ". The figures stand in the table above.",
        ("Claimed",),
        figures[3:],
        "Service month",
        "US dollars",
    )
    block = Block(columns, rows, heading="By service month", total=total)
    return Sheet(MONTHS, (block,), landscape=True, chart=chart if rows else None)


# --- telling rows apart ---


def sum_where(
    block: str,
    column: str,
    header: str,
    name: WrittenValue,
    keys: Sequence[WrittenValue],
    names: Collection[WrittenValue],
) -> str:
    """The formula that sums the rows of a block of which the column `header` holds `name`, as the
    cell of this row under the same header does; `keys` are what its rows hold.

    SUMIFS takes 012 for 12, S-a for S-A, and S* for every text that begins with S (so every
    spreadsheet does). Where it could mean other rows, these are listed.
    """
    if tells_apart(name, names):
        return f"SUMIFS({{{block}.{column}:}},{{{block}.{header}:}},{{{header}}})"
    at, areas = 1, list[str]()
    for same, run in groupby(keys, key=lambda key: key == name):
        length = sum(1 for _ in run)
        if same:
            areas.append(f"SUM({{{block}.{column}#{at}:{at + length - 1}}})")
        at += length
    return "+".join(areas) or "0"


def tells_apart(name: WrittenValue, names: Collection[WrittenValue]) -> bool:
    """Whether SUMIFS finds the rows of `name`, and no others."""
    if not isinstance(name, str):
        return True
    if len(name) > 255 or re.search(r"[*?~]|^[=<>]", name) or name.casefold() in ("true", "false", ""):
        return False
    mine, taken = _taken_for(name), [_taken_for(str(other)) for other in names]
    if mine == _NUMBER or (mine.isdecimal() and _NUMBER in taken):
        return sum(other == _NUMBER or other.isdecimal() for other in taken) == 1
    return taken.count(mine) == 1


def _taken_for(name: str) -> str:
    """What SUMIFS takes a text for: digits for their number, of which 15 count; else letters,
    whatever their case. Numbers that can be written in other ways, such as 1e3, are all held for
    one."""
    if name.isdecimal() and len(name) <= 15:
        return name.lstrip("0") or "0"
    return _NUMBER if re.fullmatch(r"[\d\s.,:/%$€()eE+-]*\d[\d\s.,:/%$€()eE+-]*", name) else name.casefold()


COVER_NAMES = ("Subrecipient", "Contact", "Subawards", "Period", "Award", "Recipient")
"""The labels by which the first page says who claims."""


AWARDED = ", awarded "
"""What stands between the numbers of awards and their days on the first page."""


def named_first(named: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Who claims, in the order in which the first page says it; the day of an award beside its
    number."""
    said = dict(named)
    if "Awarded" in said:
        said["Award"] = f"{said.get('Award', '')}{AWARDED}{said['Awarded']}"
    return tuple((label, said[label]) for label in COVER_NAMES if label in said)
