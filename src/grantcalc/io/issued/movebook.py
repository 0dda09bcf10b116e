"""A move as a workbook: rows for the receiving side, without a code, and the row for the sending
side."""

from __future__ import annotations

from pathlib import Path

from grantcalc.billing.moves import ParticipantMove
from grantcalc.money import dollars
from grantcalc.xlsx.sheets import Block, Sheet, TableColumn, WorkbookDraft, WrittenValue
from grantcalc.xlsx.writer import write_book


def write_move(move: ParticipantMove, path: str | Path) -> str:
    """Write what is passed on about a participant who moves, and give the digest of the parts. No
    code is in it."""
    return write_book(move_book(move), Path(path))


def move_book(move: ParticipantMove) -> WorkbookDraft:
    """A sheet to read, and the rows of the sheets Openings and Elsewhere, with the columns of a
    caseload workbook."""
    how = (
        "For the receiving side: copy the rows of Openings and Elsewhere into your caseload workbook.",
        "Fill in your own code of the participant.",
        "For the sending side: add the row below to the Elsewhere sheet of your own caseload workbook.",
    )
    own = Block(
        (TableColumn("FAIN", width=16), TableColumn("From", "date"), TableColumn("To", "date")),
        [(move.here.award, move.here.days.start, move.here.days.end)],
        heading="For the sending side",
    )
    month = Block(heading="The month of the move", text=move.sentences)
    title = f"A participant who moves on {move.first_day}"
    openings = Block(
        (
            TableColumn("Participant"),
            TableColumn("FAIN", width=16),
            TableColumn("Window", width=16),
            TableColumn("Pool", width=16),
            TableColumn("Amount used", "money", width=16),
            TableColumn("Phase", width=18),
            TableColumn("Months used", "count"),
            TableColumn("From", width=16),
        ),
        [_opening(move, n) for n in range(len(move.openings))],
    )
    elsewhere = Block(
        (
            TableColumn("Participant"),
            TableColumn("FAIN", width=16),
            TableColumn("From", "date"),
            TableColumn("To", "date"),
            TableColumn("Kept by", width=16),
        ),
        [(None, row.award, row.days.start, row.days.end, row.given_by) for row in move.elsewhere],
    )
    sheets = (
        Sheet("Move", (Block(heading=title, text=how), month, own)),
        Sheet("Openings", (openings,), landscape=True),
        Sheet("Elsewhere", (elsewhere,), landscape=True),
    )
    return WorkbookDraft(title, sheets, move.first_day)


def _opening(move: ParticipantMove, n: int) -> tuple[WrittenValue, ...]:
    row = move.openings[n]
    amount = dollars(row.amount) if row.amount else None
    return None, row.award, row.window, row.pool, amount, row.phase, row.months or None, row.given_by
