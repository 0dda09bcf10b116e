"""The page "This month" of a claim: what is new since the claim before it, beside the figures to
date."""

from __future__ import annotations

from grantcalc.ledger.since import SinceLast
from grantcalc.money import cents, dollars
from grantcalc.xlsx.sheets import Block, Formula, Sheet, TableColumn, WrittenValue

THIS_MONTH = ("This month", "What is new since the last claim, and why")


def since_sheet(s: SinceLast) -> Sheet:
    """What was claimed before, what new months add, what is adjusted and why, and what is claimed
    to date."""
    new, changed = sum(amount for _, amount in s.new_months), sum(a.added + a.recovered for a in s.adjustments)
    figures: list[tuple[WrittenValue, ...]] = [
        (f"Claimed before, through {s.through} as known on {s.known}", dollars(s.before)),
        ("New months", Formula("{New months.Amount#total}", dollars(new))),
        ("Adjustments of earlier months", Formula("{Adjustments.Net#total}", dollars(changed))),
        ("New since the last claim", Formula("{USD#2}+{USD#3}", dollars(cents(s.total)))),
        ("Claimed to date", Formula("{USD#1}+{USD#4}", dollars(s.before + cents(s.total)))),
    ]
    cover = Block((TableColumn("Figure", width=52), TableColumn("USD", "money")), figures, heading="This month")
    months: list[tuple[WrittenValue, ...]] = [(str(month), dollars(amount)) for month, amount in s.new_months]
    added = Block(
        (TableColumn("Month", "month"), TableColumn("Amount", "money")),
        months,
        heading="New months",
        text=() if months else ("There is no new month.",),
        total=["Total", Formula("SUM({Amount:})", dollars(new))],
        name="New months",
    )
    return Sheet(THIS_MONTH[0], (cover, added, _adjustments(s, changed)), landscape=True)


def _adjustments(s: SinceLast, changed: int) -> Block:
    """Each reason as a sentence, with what it adds and recovers."""
    columns = (
        TableColumn("Why", "wrap", width=52),
        TableColumn("Added", "money", width=18),
        TableColumn("Recovered", "money", width=18),
        TableColumn("Net", "money", width=18),
    )
    rows: list[tuple[WrittenValue, ...]] = [
        (
            a.sentence,
            dollars(a.added),
            dollars(a.recovered),
            Formula("{Added}+{Recovered}", dollars(a.added + a.recovered)),
        )
        for a in s.adjustments
    ]
    added, recovered = sum(a.added for a in s.adjustments), sum(a.recovered for a in s.adjustments)
    total: list[WrittenValue] = ["Total"]
    for header, amount in (("Added", added), ("Recovered", recovered), ("Net", changed)):
        total.append(Formula(f"SUM({{{header}:}})", dollars(amount)))
    return Block(
        columns,
        rows,
        heading="Adjustments of earlier months",
        text=() if rows else ("Nothing of an earlier month changed.",),
        total=total,
        name="Adjustments",
    )
