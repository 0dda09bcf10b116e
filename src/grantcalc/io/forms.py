"""The SF-270 and the SF-425 as sheets whose lines are live formulas, and as a page to print and sign."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from grantcalc.billing.forms import Form, FormLine
from grantcalc.io.sheets import Block, Cell, Column, Formula, Sheet, layout
from grantcalc.money import dollars, plain

COLUMNS = (
    Column("Line", width=8),
    Column("What", "wrap", width=52),
    Column("Amount", "money"),
    Column("How it follows", width=16),
    Column("What it sums", "wrap", width=44),
)

Cells = Mapping[tuple[str, str, str], Mapping[str, str]]
"""For a form, award and budget period: formulas of lines that come from elsewhere in the workbook."""


def forms_sheet(forms: Sequence[Form], elsewhere: Cells) -> Sheet:
    """One sheet with a form of each award and budget period, one under the other, to be signed."""
    groups = [_blocks(form, [()] * len(form.lines)) for form in forms]
    spans = layout(Sheet(forms[0].name, tuple(block for group in groups for block in group)))[:: len(groups[0])]
    blocks: list[Block] = []
    for form, span in zip(forms, spans, strict=True):
        cells = {x.line: span.cell("Amount", span.first + n).rpartition("!")[2] for n, x in enumerate(form.lines)}
        given = elsewhere.get((form.name, form.award, form.budget_period), {})
        blocks += _blocks(form, [_row(x, cells, given.get(x.line, "")) for x in form.lines])
    return Sheet(forms[0].name, tuple(blocks), landscape=True)


def _blocks(form: Form, rows: Sequence[Sequence[Cell]]) -> tuple[Block, ...]:
    """A form: its lines, the certification, and the lines to sign."""
    title = f"{form.name}, {form.title}: {form.award}, {form.budget_period}"
    facts = f"{form.recipient}; service through {form.through}, as known on {form.known}; US dollars"
    sign = [(x, None) for x in ("Authorized certifying official", "Signature", "Date")]
    return (
        Block(COLUMNS, rows, heading=title, text=tuple(x for x in (facts, form.label) if x)),
        Block(text=(form.certification, f"({form.authority})")),
        Block((Column("", width=28), Column("", width=40)), sign),
    )


def _row(line: FormLine, cells: Mapping[str, str], given: str) -> tuple[Cell, ...]:
    """A line, its amount a formula wherever it follows from cells; a blank where nobody reported it."""
    amount: Cell = None if line.amount is None else dollars(line.amount)
    if line.amount is not None and (given or _FOLLOWS.fullmatch(line.formula)):
        text = given or re.sub(r"1[0-2][a-o]", lambda m: cells[m[0]], line.formula).replace("−", "-").replace(" ", "")
        amount = Formula(text, dollars(line.amount))
    return line.line, line.caption, amount, line.formula, line.sums


_FOLLOWS = re.compile(r"1[0-2][a-o] [+−] 1[0-2][a-o]")


# --- the page ---

_STYLE = """
body { font: 10pt/1.35 Helvetica, Arial, sans-serif; margin: 2cm auto; max-width: 19cm; color: #000 }
section { page-break-after: always } section:last-child { page-break-after: auto }
h1 { font-size: 13pt; margin: 0 0 2pt } p { margin: 4pt 0 }
table { border-collapse: collapse; width: 100%; margin: 8pt 0 }
th, td { border: 0.6pt solid #000; padding: 3pt 5pt; text-align: left; vertical-align: top }
td.amount { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.label { font-weight: bold } .sign td { height: 26pt; vertical-align: bottom }
"""


def forms_page(forms: Iterable[Form]) -> str:
    """Forms as one HTML page that prints as they look: each on a sheet of its own, with the lines to sign."""
    found = tuple(forms)
    title = escape(", ".join(dict.fromkeys(f.name for f in found)))
    head = f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    return f"{head}<style>{_STYLE}</style></head>\n<body>\n{''.join(map(_section, found))}</body></html>\n"


def _section(form: Form) -> str:
    rows = "".join(
        f"<tr><td>{x.line}</td><td>{escape(x.caption)}</td><td>{escape(x.formula or x.sums)}</td>"
        f'<td class="amount">{"" if x.amount is None else plain(x.amount)}</td></tr>\n'
        for x in form.lines
    )
    label = f'<p class="label">{escape(form.label)}</p>' if form.label else ""
    facts = f"Recipient: {form.recipient}. Award {form.award}, budget period {form.budget_period}. "
    facts += f"Service through {form.through}, as known on {form.known}. US dollars."
    heads = "".join(f"<th>{x}</th>" for x in ("Line", "What", "How it follows", "Amount"))
    sign = "".join(f"<td>{x}</td>" for x in ("Authorized certifying official", "Signature", "Date"))
    return (
        f"<section><h1>{form.name} {escape(form.title)}</h1>{label}\n<p>{escape(facts)}</p>\n"
        f"<table><thead><tr>{heads}</tr></thead><tbody>\n{rows}</tbody></table>\n"
        f"<p>{escape(form.certification)}</p><p>({escape(str(form.authority))})</p>\n"
        f'<table class="sign"><tr>{sign}</tr></table></section>\n'
    )
