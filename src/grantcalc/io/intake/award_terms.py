"""The terms of an award in: those that it names, filled by its rows of the Terms sheet."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from attrs import define, field

from grantcalc.errors import TermsRejected
from grantcalc.files import read_file
from grantcalc.io import schemas
from grantcalc.io.intake.defaults import AwardRows, of_its_notice, of_the_only_award
from grantcalc.io.intake.document import unlike
from grantcalc.io.intake.tables import SheetTables, TableRow
from grantcalc.provenance import Authority
from grantcalc.terms import Filling, Open, Terms, award_terms, fill_terms, load_terms, published_terms, read_terms
from grantcalc.toml import BYTES, decode_text

_TERMS_FILE = re.compile(r"[\w.-]+\.toml")

TermsFile = Callable[[str], bytes | None]
"""Gives the bytes of a terms file by its name, or None."""


def terms_beside(workbook: Path) -> TermsFile:
    """Terms files in the folder of a workbook, or of CSV files; a name with any path in it is
    none."""
    folder = workbook if workbook.is_dir() else workbook.parent

    def read(name: str) -> bytes | None:
        path = folder / name
        if not _TERMS_FILE.fullmatch(name) or not path.is_file():
            return None
        return read_file(path, BYTES, TermsRejected)

    return read


@define
class FilledRows:
    """What the Terms sheet says of one award; and the terms that rows name which could not be read,
    None for any."""

    rows: list[tuple[TableRow, Filling]] = field(factory=list)
    unread: set[str | None] = field(factory=set)


def fillings_of(tables: SheetTables, awards: AwardRows) -> dict[str, FilledRows]:
    """What the Terms sheet says, by FAIN."""
    fillings: dict[str, FilledRows] = {fain: FilledRows() for fain in tables.listed[schemas.AWARDS.sheet]}
    seen = dict[object, object]()
    rows = of_the_only_award(tables, tables.rows(schemas.TERMS), "fain")
    for row in of_its_notice(rows, awards):
        if not row.bad and row.get("fain") is not None and row.get("source") is None:
            tables.add(row, "source", "empty", "nothing says what this rests on", "a source here, or that of the award")
            tables.spoil(row)
        fain, term = row.get("fain"), row.get("term")
        listed = tables.refers(row, "fain", "no such award is listed", "a FAIN of the Awards sheet", schemas.AWARDS)
        known, dates = listed and fain is not None, (row.get("effective"), row.get("published"))
        if row.bad or not known:
            for filled in [fillings[fain]] if known else fillings.values():
                filled.unread.add(term)
            continue
        wrong = len(tables.findings)
        if unlike(tables, row, seen, schemas.TERMS.sheet, (fain, term, *dates)) and len(tables.findings) == wrong:
            filling = row.make(Filling, "fain", authority=Authority(row.get("source")))
            fillings[fain].rows.append((row, filling))
    if None in tables.listed[schemas.TERMS.sheet] and not seen:  # it has no headers
        for filled in fillings.values():
            filled.unread.add(None)
    return fillings


def terms_of(tables: SheetTables, row: TableRow, terms_file: TermsFile, award: FilledRows) -> Terms | None:
    """The terms that an award names, filled by its rows of the Terms sheet; None, and findings,
    where there are none. A row that does not fit is a finding, and fills nothing."""
    name, shipping = row.get("terms"), (*published_terms(), *award_terms())
    name = name.lower() if name is not None and name.lower() in shipping else name
    try:
        ships = name in shipping
        if (content := terms_file(name)) is not None:  # of terms that ship, those of an earlier version
            file = f"{name}.toml" if ships else name
            terms = read_terms(decode_text(content, file, TermsRejected), file)
        elif ships:
            terms = load_terms(name)
        else:
            wanted = f"one of {', '.join(shipping)}, or a .toml file beside this workbook"
            tables.add(row, "terms", "terms", "there are no such terms", wanted)
            return None
    except TermsRejected as wrong:
        tables.findings.extend(wrong.findings)
        return None
    choices, seen = {o.key for o in terms.opens if o.kind == "choice"}, set[str]()
    for filling, said in award.rows:
        if said.term in seen & choices:
            tables.add(filling, "term", "twice", "this term holds for the whole award", "one row with it")
        seen.add(said.term)
    filled = _filled(tables, terms, [said for _, said in award.rows])
    unread = award.unread | seen  # what a row says that does not fit, is not missing too
    missing = [o.key for o in filled.opens if not (o.optional or o.key in unread or None in unread)]
    if missing:
        *others, last = missing
        listed = f"{', '.join(others)} and {last}" if others else last
        problem = f"these terms leave {listed} to the award"
        wanted = f"a row {missing[0]} on the Terms sheet" if len(missing) == 1 else "a row for each on the Terms sheet"
        tables.add(row, "terms", "open_term", problem, wanted)
    left = [o for o in filled.opens if o.kind in _SUPPOSED and not (o.optional and {o.key, None}.isdisjoint(unread))]
    return fill_terms(filled, (_supposed(o, filled) for o in left)) if left else filled


_SUPPOSED = {"rate": Decimal(1), "amount": Decimal(10**9)}
"""What stands for a rate or a ceiling that was not read, so that what else is wrong can be told.
Nothing is billed."""


def _supposed(left: Open, terms: Terms) -> Filling:
    return Filling(
        term=left.key,
        value=_SUPPOSED[left.kind],
        effective=left.since or terms.effective,
        published=terms.published,
        authority=Authority(""),
    )


def _filled(tables: SheetTables, terms: Terms, said: list[Filling]) -> Terms:
    """The terms as filled by the rows that fit."""
    try:
        return fill_terms(terms, said)
    except TermsRejected as wrong:
        tables.findings.extend(wrong.findings)
    fitting: list[Filling] = []
    for filling in said:
        try:
            fill_terms(terms, [*fitting, filling])
        except TermsRejected:
            continue
        fitting.append(filling)
    return fill_terms(terms, fitting)
