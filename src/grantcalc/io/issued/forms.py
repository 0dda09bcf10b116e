"""The SF-270 and the SF-425 as sheets whose lines are live formulas, and as a page to print and sign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from grantcalc.forms import Follows, Form, FormLine
from grantcalc.money import dollars, plain
from grantcalc.xlsx.sheets import Block, Formula, Sheet, TableColumn, WrittenValue

FORM_COLUMNS = (
    TableColumn("Line", width=8),
    TableColumn("What", "wrap", width=52),
    TableColumn("Amount", "money"),
    TableColumn("How it follows", width=16),
    TableColumn("What it sums", "wrap", width=44),
)

SIGNATURE_LINES = ("Authorized certifying official", "Signature", "Date")


def forms_sheet(forms: Sequence[Form], elsewhere: Sequence[Mapping[str, str]]) -> Sheet:
    """One sheet with a form of each award and budget period, each on a page of its own, to be signed. `elsewhere` has,
    for each, the formulas of lines that come from elsewhere in the workbook."""
    blocks: list[Block] = []
    for number, (form, given) in enumerate(zip(forms, elsewhere, strict=True), 1):
        blocks += _blocks(form, number, [_row(form, x, given.get(x.line, "")) for x in form.lines])
    return Sheet(forms[0].name, tuple(blocks), landscape=True)


def amount_of(form: Form, number: int, line: str) -> str:
    """A reference to the amount of a line, on the form of the request of that number."""
    return f"{{{form.name} {number}.Amount#{_row_of(form, line)}}}"


def _row_of(form: Form, line: str) -> int:
    return [x.line for x in form.lines].index(line) + 1


def _blocks(form: Form, number: int, rows: Sequence[Sequence[WrittenValue]]) -> tuple[Block, ...]:
    """A form on a page of its own: its lines, the certification, and the lines to sign."""
    title = f"{form.name}, {form.title}: {form.award}, {form.budget_period}"
    facts = f"{form.recipient}; service through {form.through}, as known on {form.known}; US dollars"
    sign = [(x, None) for x in SIGNATURE_LINES]
    return (
        Block(
            FORM_COLUMNS,
            rows,
            heading=title,
            text=tuple(x for x in (facts, form.label) if x),
            new_page=number > 1,
            name=f"{form.name} {number}",
        ),
        Block(text=(form.certification, f"({form.authority})")),
        Block((TableColumn("", width=28), TableColumn("", width=40)), sign),
    )


def _row(form: Form, line: FormLine, given: str) -> tuple[WrittenValue, ...]:
    """A line, its amount a formula wherever it follows from cells; a blank where nobody reported it."""
    amount: WrittenValue = None if line.amount is None else dollars(line.amount)
    from_lines = line.formula if isinstance(line.formula, Follows) else None
    if line.amount is not None and from_lines and not given:
        one, other = (f"{{Amount#{_row_of(form, each)}}}" for each in (from_lines.one, from_lines.other))
        given = f"{one}{_SIGNS[from_lines.sign]}{other}"
    if line.amount is not None and given:
        amount = Formula(given, dollars(line.amount))
    return line.line, line.caption, amount, str(line.formula), line.sums


_SIGNS = {"+": "+", "−": "-"}


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
.sign td { height: 30pt; width: 50% }
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
    """Forms as one HTML page that prints as they look: each on a sheet of its own, with the lines to sign."""
    forms_given = tuple(forms)
    title = escape(", ".join(dict.fromkeys(f.name for f in forms_given)))
    head = f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    return f"{head}<style>{_STYLE}</style></head>\n<body>\n{''.join(map(_section, forms_given))}</body></html>\n"


def _section(form: Form) -> str:
    label = f'<p class="label">{escape(form.label)}</p>' if form.label else ""
    facts = (
        ("Federal grant or other identifying number", form.award),
        ("Recipient organization", form.recipient),
        ("Budget period", form.budget_period),
        ("Service through, as known on", f"{form.through}, {form.known}"),
    )
    asked = ("Typed or printed name and title", "Telephone and e-mail"), ("Signature", "Date")
    sign = "".join(f"<tr>{_box(one)}{_box(other)}</tr>" for one, other in asked)
    heads = "<th>Line</th><th>Program or function: the whole award</th><th>How it follows</th>"
    return (
        f"<section><h1>{form.name} {escape(form.title)}</h1>{label}\n"
        f"<table><tr>{''.join(_box(*fact) for fact in facts)}</tr></table>\n"
        f'<table><thead><tr>{heads}<th class="amount">US dollars</th></tr></thead>\n'
        f"<tbody>\n{''.join(_line(form, x) for x in form.lines)}</tbody></table>\n"
        f"<table><tr><td><b>13. Certification</b> {escape(form.certification)} "
        f"({escape(str(form.authority))})</td></tr></table>\n"
        f'<table class="sign">{sign}</table></section>\n'
    )


def _box(caption: str, text: str = "") -> str:
    return f"<td><small>{escape(caption)}</small>{escape(text)}</td>"


def _line(form: Form, x: FormLine) -> str:
    heading = _PARTS.get((form.name, x.line))
    part = f'<tr><th colspan="4">{heading}</th></tr>\n' if heading else ""
    amount = "" if x.amount is None else plain(x.amount)
    cells = f"<td>{x.line}</td><td>{escape(x.caption)}</td><td>{escape(str(x.formula) or x.sums)}</td>"
    return f'{part}<tr>{cells}<td class="amount">{amount}</td></tr>\n'
