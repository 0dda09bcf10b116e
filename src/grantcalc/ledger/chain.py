"""Entries as text, one line of JSON each, and the chain of hashes that holds them together.

The head of an entry is the SHA-256 of the head before it, a line feed, and the entry's text. So
whoever knows the last head can tell whether any entry was edited, removed or moved, with nothing
but `sha256sum`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from hashlib import sha256

from grantcalc.billing import format_1
from grantcalc.billing.claims import OpeningSum
from grantcalc.billing.fields import LINE_FIGURES
from grantcalc.billing.lines import Reduction
from grantcalc.billing.records import (
    Json,
    cents_of_text,
    dollars_text,
    line_record,
    nonempty,
    rate_record,
    read_line,
    read_rate,
    read_reduction,
    reduction_record,
    structure,
    structure_all,
    unstructure,
)
from grantcalc.ledger.entries import (
    EVENTS,
    Change,
    Entry,
    Item,
    LedgerEvent,
    Part,
    Posting,
    Received,
    Requested,
    line_of,
)
from grantcalc.periods import parse_date
from grantcalc.provenance import Input

ENTRY_FORMAT = 2
"""The version of the format of a new entry's text; one of format 1 is read for good
(`format_1`)."""

NOTHING = "0" * 64
"""The head of a ledger without entries."""

_BEGINS, _CHANGE = f'{{"grantcalc":"entry","format":{ENTRY_FORMAT},', '"act":"change",'
_NAMES = {kind: name for name, kind in EVENTS.items()}


def entry_text(no: int, posted: date, act: LedgerEvent) -> str:
    """The text of an entry: the same for the same entry, everywhere."""
    what = {
        "grantcalc": "entry",
        "format": ENTRY_FORMAT,
        "no": no,
        "posted": posted.isoformat(),
        "act": _NAMES[type(act)],
    }
    return _one_line(what | _record(act))


def _one_line(record: Json) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def act_name(act: LedgerEvent) -> str:
    """What an act is called in an entry's text."""
    return _NAMES[type(act)]


def item_text(entry: Entry) -> str:
    """The item of a change as an entry's text of today's format has it: what tells it from every
    other item."""
    written = entry.text.startswith(_BEGINS)
    text = entry.text if written else entry_text(entry.no, entry.posted, entry.act)
    return text[text.index(_CHANGE) + len(_CHANGE) : text.rindex(',"count":')]


def head_of(before: str, text: str) -> str:
    """The head after an entry with this text."""
    return sha256(f"{before}\n{text}".encode()).hexdigest()


def chain(before: str, first: int, posted: date, acts: Iterable[LedgerEvent]) -> Iterator[Entry]:
    """Entries for these acts, in order, each chained to the one before it."""
    for no, act in enumerate(acts, first):
        text = entry_text(no, posted, act)
        before = head_of(before, text)
        yield Entry(no, posted, act, before, text)


def _record(act: LedgerEvent) -> Json:
    if isinstance(act, Change):
        reduction = act.item if isinstance(act.item, Reduction) else None
        line = line_of(act.item)
        return {
            **nonempty(reduction=reduction and reduction_record(reduction)),
            "line": line_record(line, rate_record(line.rate) if line.rate else None, *LINE_FIGURES),
            "count": act.count,
            "amount": dollars_text(act.amount),
            **nonempty(reason=act.reason, refused=act.refused),
        }
    if isinstance(act, Requested):
        return {
            **unstructure(act),
            "amount": dollars_text(act.amount),
            **nonempty(by_subaward=parts_record(act.by_subaward)),
        }
    if isinstance(act, Received):
        return {**unstructure(act), "amount": dollars_text(act.amount)}
    record: Json = unstructure(act)
    if isinstance(act, Posting) and act.openings:
        record["openings"] = opening_records(act.openings)
    return record


def parts_record(parts: Iterable[Part]) -> list[Json]:
    """What was asked of each subaward, in dollars."""
    return [
        {
            "subaward": p.subaward,
            "amount": dollars_text(p.amount),
            **nonempty(on_hold=p.on_hold and dollars_text(p.on_hold)),
        }
        for p in parts
    ]


def read_parts(rows: Iterable[Json]) -> tuple[Part, ...]:
    """The parts of such records."""
    return tuple(
        Part(row["subaward"], cents_of_text(row["amount"]), cents_of_text(row.get("on_hold", "0.00"))) for row in rows
    )


def opening_records(openings: Iterable[OpeningSum]) -> list[Json]:
    """Opening figures that travel, with their amounts as text of dollars."""
    return [{**unstructure(opening), "amount": dollars_text(opening.amount)} for opening in openings]


def read_openings(rows: Iterable[Json]) -> list[Json]:
    """The same with their amounts in cents."""
    return [{**row, "amount": cents_of_text(row["amount"])} for row in rows]


def _read_act(row: Json) -> LedgerEvent:
    """The act of a record that the schema accepts."""
    kind = EVENTS[row["act"]]
    if kind is Change:
        line_record = row["line"]
        line = read_line(
            line_record, read_rate(line_record["rate"]) if "rate" in line_record else None, count=0, amount=0
        )
        item: Item = read_reduction(row["reduction"], line, 0, 0) if "reduction" in row else line
        return Change(item, row["count"], cents_of_text(row["amount"]), row.get("reason", ""), row.get("refused", ""))
    if kind is Requested:
        parts, inputs = read_parts(row.get("by_subaward", ())), structure_all(row.get("inputs", []), Input)
        how = row.get("kind", "reimbursement")
        return Requested(
            award=row["award"],
            budget_period=row["budget_period"],
            amount=cents_of_text(row["amount"]),
            kind=how,
            by_subaward=parts,
            inputs=inputs,
        )
    if kind is Received:
        row = {**row, "amount": cents_of_text(row["amount"])}
    if kind is Posting and "openings" in row:
        row = {**row, "openings": read_openings(row["openings"])}
    return structure(row, kind)


def read_entry(row: Json, text: str = "") -> Entry:
    """The entry of a record that the schema of its format accepts, with the head that it says;
    `text` is the text in which it was stored, by default the record on one line."""
    text = text or _one_line({key: value for key, value in row.items() if key != "head"})
    act = _read_act(row if row["format"] == ENTRY_FORMAT else format_1.entry(row))
    return Entry(row["no"], parse_date(row["posted"]), act, row["head"], text)


def is_written(entry: Entry) -> bool:
    """Whether an entry's text is what a ledger writes: of today's format to the byte, of format 1
    on one line."""
    row = json.loads(entry.text)
    if row["format"] == ENTRY_FORMAT:
        return entry.text == entry_text(entry.no, entry.posted, entry.act)
    return entry.text == _one_line(row)
