"""The SF-270 and the SF-425 as sheets whose lines are live formulas, and as a page to print and
sign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from attrs import frozen

from grantcalc.disclosure.identifiers import refuse_leaks
from grantcalc.form_boxes import BOX_NAMES, FormBox
from grantcalc.forms import Follows, Form, FormLine
from grantcalc.money import dollars, plain
from grantcalc.xlsx.sheets import Block, Formula, Sheet, TableColumn, WorkbookDraft, WrittenValue
from grantcalc.xlsx.writer import write_book

FORM_COLUMNS = (
    TableColumn("Line", width=8),
    TableColumn("What", "wrap", width=52),
    TableColumn("Amount", "money"),
    TableColumn("How it follows", width=16),
    TableColumn("What it sums", "wrap", width=44),
)

BOX_LABELS = frozenset(BOX_NAMES)
"""The labels of boxes, into whose blanks the person who signs may write."""


@frozen
class FormSheet:
    """A form as it goes on a sheet: the form; for each of its lines that comes from elsewhere in
    the workbook, the formula; and the same form of each budget period, with its formulas, where
    there are several."""

    form: Form
    elsewhere: Mapping[str, str]
    periods: tuple[FormSheet, ...] = ()


def forms_sheet(forms: Sequence[FormSheet]) -> Sheet:
    """One sheet with several forms of one kind, each on a page of its own, to be signed."""
    blocks: list[Block] = []
    for number, given in enumerate(forms, 1):
        blocks += _blocks(given, number)
    return Sheet(forms[0].form.name, tuple(blocks), landscape=True)


def amount_of(form: Form, number: int, line: str) -> str:
    """A reference to the amount of a line, on the form of that number."""
    return f"{{{form.name} {number}.Amount#{_row_of(form, line)}}}"


def period_amount(form: Form, number: int, period: int, line: str) -> str:
    """A reference to the amount of a line in a budget period, on a form that has several."""
    return f"{{{form.name} {number} periods.Budget period {period}#{_row_of(form, line)}}}"


def _row_of(form: Form, line: str) -> int:
    return [x.line for x in form.lines].index(line) + 1


_BOX_COLUMNS = (TableColumn("", width=48), TableColumn("", "wrap", width=52))


def _blocks(given: FormSheet, number: int) -> tuple[Block, ...]:
    """A form on pages of its own: its boxes, its lines, the certification, the boxes to sign; then
    its periods."""
    form = given.form
    title = f"{form.name}, {form.title}: {form.award}, {form.budget_period}"
    facts = f"Service through {form.through}, as known on {form.known}; US dollars. {BLANKS}"
    follows = {x.line: _summed(number, given, x.line) for x in form.lines} if given.periods else {}
    rows = [_row(form, x, given.elsewhere.get(x.line) or follows.get(x.line, "")) for x in form.lines]
    boxes = Block(
        _BOX_COLUMNS,
        [(box.label, box.value or None) for box in form.boxes],
        heading=title,
        text=tuple(x for x in (facts, form.label) if x),
        new_page=number > 1,
    )
    return (
        boxes,
        Block(FORM_COLUMNS, rows, name=f"{form.name} {number}"),
        Block(heading="Certification", text=(form.certification, f"({form.authority})")),
        Block(_BOX_COLUMNS, [(box.label, box.value or None) for box in form.to_sign]),
        *([_by_period(given, number)] if given.periods else ()),
    )


BLANKS = "A blank is to be filled in by hand, where the form asks for it."


def _summed(number: int, given: FormSheet, line: str) -> str:
    """The formula of a line of the award: the sum of its budget periods."""
    periods = enumerate(given.periods, 1)
    return "+".join(period_amount(given.form, number, n, line) for n, _ in periods)


def _by_period(given: FormSheet, number: int) -> Block:
    """The lines of a form budget period by budget period, which the form itself adds up."""
    columns = [TableColumn(f"Budget period {n}", "money") for n, _ in enumerate(given.periods, 1)]
    rows = []
    for at, line in enumerate(given.form.lines):
        cells: list[WrittenValue] = [line.line, line.caption]
        for n, period in enumerate(given.periods, 1):
            x = period.form.lines[at]
            cells.append(_amount(period.form, x, period.elsewhere.get(x.line, ""), f"Budget period {n}"))
        rows.append(cells)
    named = "; ".join(f"{n} is {period.form.budget_period}" for n, period in enumerate(given.periods, 1))
    return Block(
        (TableColumn("Line"), TableColumn("What", "wrap"), *columns),
        rows,
        heading=f"{given.form.name} of {given.form.award} by budget period",
        text=(f"Not a part of the form. Budget period {named}.",),
        new_page=True,
        name=f"{given.form.name} {number} periods",
    )


def _row(form: Form, line: FormLine, given: str) -> tuple[WrittenValue, ...]:
    """A line, its amount a formula wherever it follows from cells; a blank where nobody reported
    it."""
    return line.line, line.caption, _amount(form, line, given, "Amount"), str(line.formula), line.sums


def _amount(form: Form, line: FormLine, given: str, header: str) -> WrittenValue:
    if line.amount is None:
        return None
    if isinstance(line.formula, Follows) and not given:
        one, other = (f"{{{header}#{_row_of(form, each)}}}" for each in (line.formula.one, line.formula.other))
        given = f"{one}{_SIGNS[line.formula.sign]}{other}"
    return Formula(given, dollars(line.amount)) if given else dollars(line.amount)


_SIGNS = {"+": "+", "−": "-"}


def write_forms(forms: Sequence[Form], path: str | Path) -> str:
    """Write forms as a workbook of their own, to print and sign; give the digest of its parts.
    Refused like a request where anything in it would identify a person."""
    kinds = dict.fromkeys(form.name for form in forms)
    sheets = [forms_sheet([FormSheet(form, {}) for form in forms if form.name == kind]) for kind in kinds]
    title = f"{' and '.join(kinds)}, as known on {max(form.known for form in forms)}"
    refuse_leaks(book := WorkbookDraft(title, tuple(sheets), max(form.known for form in forms)))
    return write_book(book, Path(path))


# --- the page ---

_STYLE = """
@page { size: letter; margin: 1.5cm }
body { font: 9pt/1.3 Helvetica, Arial, sans-serif; margin: 0 auto; max-width: 19cm; color: #000 }
section { page-break-after: always } section:last-child { page-break-after: auto }
h1 { font-size: 13pt; text-align: center; margin: 0 0 4pt } p { margin: 4pt 0 }
table { border-collapse: collapse; width: 100%; margin: 0 }
th, td { border: 0.6pt solid #000; padding: 2.5pt 5pt; text-align: left; vertical-align: top }
th { font-size: 8pt } .amount { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.label { font-weight: bold; text-align: center } small { display: block; font-size: 7pt }
.boxes td, .sign td { width: 50% } .boxes td { height: 18pt } .sign td { height: 24pt }
"""

_PARTS = {
    ("SF-270", "11a"): "11. Computation of amount of reimbursements or advances requested",
    ("SF-270", "12a"): "12. Alternate computation for advances only",
    ("SF-425", "10a"): "10. Transactions: Federal cash",
    ("SF-425", "10d"): "Federal expenditures and unobligated balance",
    ("SF-425", "10i"): "Recipient share",
    ("SF-425", "10l"): "Program income",
    ("SF-425", "11d"): "11. Indirect expense",
}
"""The headings of the forms, each above its first line."""


def forms_page(forms: Iterable[Form]) -> str:
    """Forms as one HTML page that prints as they look: each on a sheet of its own, with the lines
    to sign."""
    forms_given = tuple(forms)
    title = escape(", ".join(dict.fromkeys(f.name for f in forms_given)))
    head = f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    return f"{head}<style>{_STYLE}</style></head>\n<body>\n{''.join(map(_section, forms_given))}</body></html>\n"


def _section(form: Form) -> str:
    label = f'<p class="label">{escape(form.label)}</p>' if form.label else ""
    heads = "<th>Line</th><th>Program or function: the whole award</th><th>How it follows</th>"
    return (
        f"<section><h1>{form.name} {escape(form.title)}</h1>{label}\n"
        f"<p>Budget period {escape(form.budget_period)}; service through {form.through}, as known on {form.known}</p>\n"
        f'<table class="boxes">{_boxes(form.boxes)}</table>\n'
        f'<table><thead><tr>{heads}<th class="amount">US dollars</th></tr></thead>\n'
        f"<tbody>\n{''.join(_line(form, x) for x in form.lines)}</tbody></table>\n"
        f"<table><tr><td><b>13. Certification</b> {escape(form.certification)} "
        f"({escape(str(form.authority))})</td></tr></table>\n"
        f'<table class="sign">{_boxes(form.to_sign)}</table></section>\n'
    )


def _boxes(boxes: Sequence[FormBox]) -> str:
    """Boxes, two to a row; remarks and what is left over take a whole row."""
    rows, waiting = list[str](), list[FormBox]()
    for box in boxes:
        waiting.append(box)
        if box.caption == "Remarks" or len(waiting) == 2:
            rows.append("".join(_box(each, 1 if len(waiting) == 2 else 2) for each in waiting))
            waiting = []
    rows += ["".join(_box(each, 2) for each in waiting)] if waiting else []
    return "".join(f"<tr>{row}</tr>" for row in rows)


def _box(box: FormBox, columns: int) -> str:
    span = f' colspan="{columns}"' if columns > 1 else ""
    return f"<td{span}><small>{escape(box.label)}</small>{escape(str(box.value))}</td>"


def _line(form: Form, x: FormLine) -> str:
    heading = _PARTS.get((form.name, x.line))
    part = f'<tr><th colspan="4">{heading}</th></tr>\n' if heading else ""
    amount = "" if x.amount is None else plain(x.amount)
    cells = f"<td>{x.line}</td><td>{escape(x.caption)}</td><td>{escape(str(x.formula) or x.sums)}</td>"
    return f'{part}<tr>{cells}<td class="amount">{amount}</td></tr>\n'
