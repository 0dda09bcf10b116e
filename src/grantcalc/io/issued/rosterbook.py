"""The roster as a workbook: it names participants by pseudonym and stays with the subrecipient."""

from __future__ import annotations

from pathlib import Path

from grantcalc.billing.roster import Roster
from grantcalc.declared import checked
from grantcalc.io.issued.claimbook import sources_sheet
from grantcalc.io.issued.statementbook import totals
from grantcalc.io.issued.summary import SUMMARY, title_of
from grantcalc.money import dollars
from grantcalc.xlsx.sheets import Block, Formula, Sheet, TableColumn, WorkbookDraft, WrittenValue
from grantcalc.xlsx.writer import write_book

_WHO = (TableColumn("Participant", width=16), TableColumn("Issuer", width=14))


@checked
def write_roster(roster: Roster, path: str | Path) -> str:
    """Write a roster and give the digest of its parts. A new file is readable by its owner alone,
    since it names participants. The same roster gives the same bytes."""
    return write_book(roster_book(roster), Path(path), private=True)


def roster_book(r: Roster) -> WorkbookDraft:
    """A roster as sheets: everyone with what needs attention, then months, ceilings and letters."""
    title = title_of("roster", r.through, r.known)
    facts: tuple[tuple[str, WrittenValue], ...] = (
        ("Service through", str(r.through)),
        ("As known on", r.known),
        ("Detail", "participants"),
    )
    cover = Block(
        (TableColumn("", width=28), TableColumn("", width=40)),
        [*facts, ("Roster of", ", ".join(r.issuers))],
        heading=title,
        text=(*((r.label,) if r.label else ()), "This workbook names participants and stays with the subrecipient."),
    )
    sheets = (
        Sheet(SUMMARY, (cover, _figures(r)), landscape=True),
        Sheet("Participants", (_people(r),), landscape=True, freeze=True),
        Sheet("Months", (_months(r),), landscape=True, freeze=True),
        Sheet("Ceilings", (_ceilings(r),), landscape=True, freeze=True),
        Sheet("Letters", (_letters(r),), landscape=True, freeze=True),
        sources_sheet("roster", r.inputs, facts),
    )
    return WorkbookDraft(title, sheets, r.known)


def _figures(r: Roster) -> Block:
    """What is allowed of participants and of nobody in particular: together what the claim comes
    to."""
    allowed = sum(row.allowed for row in r.rows)
    rows: list[tuple[WrittenValue, ...]] = [
        ("Allowed of participants", Formula("{People.Allowed to date#total}", dollars(allowed))),
        ("Allowed of nobody in particular", dollars(r.without_participant)),
        ("Claimed", Formula("{USD#1}+{USD#2}", dollars(allowed + r.without_participant))),
    ]
    return Block((TableColumn("Figure", width=34), TableColumn("USD", "money")), rows, name="Figures")


def _people(r: Roster) -> Block:
    """Everyone, with what a case manager should look at."""
    columns = (
        *_WHO,
        TableColumn("Award", width=16),
        TableColumn("Subaward", width=14),
        TableColumn("Phase", width=18),
        TableColumn("Enrolled to", "date", "Empty: enrolled still."),
        TableColumn("Allowed to date", "money"),
        TableColumn("Look at", "wrap", width=64),
    )
    rows = [
        (
            x.participant.pseudonym,
            x.participant.issuer,
            x.award,
            x.subaward,
            x.phase.replace("_", " "),
            x.enrolled_to,
            dollars(x.allowed),
            " ".join(x.attention) or None,
        )
        for x in r.rows
    ]
    total = totals(columns, {"Allowed to date": sum(x.allowed for x in r.rows)})
    return Block(columns, rows, heading="Participants", total=total, name="People")


def _months(r: Roster) -> Block:
    """Paid months by service and phase."""
    columns = (
        *_WHO,
        TableColumn("Service", width=28),
        TableColumn("Phase", width=18),
        TableColumn("Used", "count", "Months paid, those before this caseload included."),
        TableColumn("Limit", "count"),
        TableColumn("Left", "count"),
    )
    rows = [
        (
            x.participant.pseudonym,
            x.participant.issuer,
            m.service,
            m.phase.replace("_", " "),
            m.used,
            m.limit,
            Formula("MAX(0,{Limit}-{Used})", m.left),
        )
        for x in r.rows
        for m in x.months
    ]
    text = () if rows else ("No service has a limit of paid months.",)
    return Block(columns, rows, heading="Paid months used and left", text=text)


def _ceilings(r: Roster) -> Block:
    """What is used of each ceiling in its window."""
    columns = (
        *_WHO,
        TableColumn("Ceiling", "wrap", width=34),
        TableColumn("Window", width=22),
        TableColumn("Used", "money", "What is allowed in the window, with what was used before."),
        TableColumn("Limit", "money"),
        TableColumn("Left", "money"),
    )
    rows = [
        (
            x.participant.pseudonym,
            x.participant.issuer,
            c.ceiling,
            c.window,
            dollars(c.used),
            dollars(c.limit),
            Formula("MAX(0,{Limit}-{Used})", dollars(c.left)),
        )
        for x in r.rows
        for c in x.ceilings
    ]
    text = () if rows else ("The terms have no ceiling of a participant.",)
    return Block(columns, rows, heading="Ceilings used and left", text=text)


def _letters(r: Roster) -> Block:
    """Letters that end within 60 days."""
    columns = (
        *_WHO,
        TableColumn("Letter", width=28),
        TableColumn("Last day", "date"),
        TableColumn("Days left", "count", "After the day as known."),
    )
    rows = [
        (
            x.participant.pseudonym,
            x.participant.issuer,
            each.kind.replace("_", " "),
            each.last,
            (each.last - r.known).days,
        )
        for x in r.rows
        for each in x.letters
    ]
    text = () if rows else ("No letter ends within 60 days.",)
    return Block(columns, rows, heading="Letters that end within 60 days", text=text)
