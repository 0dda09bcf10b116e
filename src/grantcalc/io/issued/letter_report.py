"""Letters by federal fiscal year as a workbook, counts only, beside the published totals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from grantcalc.disclosure.identifiers import refuse_leaks
from grantcalc.disclosure.publication import DO_NOT_PUBLISH, WITHHELD, Withholding
from grantcalc.known import Series
from grantcalc.letter_years import YearOfLetters, letters_by_year, published_letters
from grantcalc.letters import Log
from grantcalc.xlsx.sheets import Block, Formula, Sheet, TableColumn, WorkbookDraft, WrittenValue
from grantcalc.xlsx.writer import write_book


def write_letters(
    log: Log, path: str | Path, known: date | None = None, withholding: Withholding = DO_NOT_PUBLISH
) -> str:
    """Write the letters of a log by federal fiscal year, and give the digest of the parts."""
    book = letter_book(log, published_letters(), known, withholding)
    refuse_leaks(book, {e.participant.pseudonym for e in log.events if e.participant})
    return write_book(book, Path(path))


def letter_book(
    log: Log,
    published: Mapping[tuple[int, str], Series[int]],
    known: date | None = None,
    withholding: Withholding = DO_NOT_PUBLISH,
) -> WorkbookDraft:
    """What the log counts, and every published total with the day of its publication: a restatement
    stands beside what it restates."""
    known = known or log.report_date
    years = letters_by_year(log, known)
    title = f"Letters by federal fiscal year, as known on {known}"
    counts = Block(
        (
            TableColumn("Year"),
            TableColumn("Adults", "count", "Certification letters."),
            TableColumn("Children", "count", "Eligibility letters."),
            TableColumn("All", "count"),
            TableColumn("Interim", "count", "Interim assistance letters."),
            TableColumn("Family", "count", "Of family members, among all of these."),
            TableColumn("Withdrawn", "count", "Withdrawn since."),
            TableColumn("Known late", "count", "Known after the day that they bear."),
            TableColumn("Days late", "count", "At most."),
        ),
        [_row(y, withholding) for y in years],
        heading=title,
        text=((log.label,) if log.label else ()) + (withholding.says,),
    )
    ours = {
        (y.year, group): withholding.shown((str(y.year), group), getattr(y, group))
        for y in years
        for group in ("adults", "children", "all")
    }
    rows: list[tuple[WrittenValue, ...]] = []
    for key, series in published.items():
        facts = [f for f in series.facts if f.published <= known]
        for at, fact in enumerate(facts):
            allowed = "stands" if at == len(facts) - 1 else "restated since"
            rows.append((str(key[0]), key[1], fact.value, fact.published, allowed, ours.get(key), str(fact.authority)))
    stated = Block(
        (
            TableColumn("Year"),
            TableColumn("Group"),
            TableColumn("Published", "count"),
            TableColumn("Published on", "date", "Not before this day.", width=16),
            TableColumn("Standing"),
            TableColumn("Here", "count", "What this log counts: one issuer's letters, not the nation's."),
            TableColumn("Source", "wrap", width=50),
        ),
        rows,
        heading="Published totals",
        text=("Figures carry the day of their publication. A restatement is shown and nothing is overwritten.",),
    )
    return WorkbookDraft(title, (Sheet("Letters", (counts,)), Sheet("Published", (stated,), landscape=True)), known)


def _row(y: YearOfLetters, withholding: Withholding) -> tuple[WrittenValue, ...]:
    def shown(column: str) -> WrittenValue:
        return withholding.shown((str(y.year), column), getattr(y, column))

    letters = shown("all")
    return (
        str(y.year),
        shown("adults"),
        shown("children"),
        letters if letters == WITHHELD else Formula("{Adults}+{Children}", y.all),
        *(shown(column) for column in ("interim", "family", "withdrawn", "late", "latest")),
    )
