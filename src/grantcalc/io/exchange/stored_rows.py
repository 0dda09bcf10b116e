"""The rows of a ledger's tables: read in order with every fault named at its entry, and written
with their tallies.

A tally is what the changes of one item of an award come to. It follows from the entries, and is
kept beside them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from grantcalc.errors import Finding, GrantcalcError, Place
from grantcalc.ledger.chain import NOTHING, act_name, head_of, is_written, item_text, read_entry
from grantcalc.ledger.entries import Change, Entry, line_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

_OLD = "SELECT no, posted, NULL, text, head FROM entries ORDER BY no"
_NEW = "SELECT no, posted, act, text, head FROM grantcalc_entries WHERE ledger = :ledger ORDER BY no"
_INSERT = "INSERT INTO grantcalc_entries VALUES (:ledger, :no, :posted, :act, :text, :head)"
_ADD = (
    "INSERT INTO grantcalc_tallies VALUES (:ledger, :award, :digest, :refused, :item, :count, :amount)"
    " ON CONFLICT (ledger, award, digest, refused) DO UPDATE SET"
    " count = grantcalc_tallies.count + excluded.count, amount = grantcalc_tallies.amount + excluded.amount"
)
_AT_ONCE = 1000


class Row(NamedTuple):
    """One entry as the database holds it; `act` is None where an older schema has none."""

    no: Any
    posted: Any
    act: Any
    text: Any
    head: Any


class ItemTally(NamedTuple):
    """An item of an award, and what its changes come to: lines and cents. Changes that were refused
    are apart."""

    award: str
    digest: str
    refused: int


def rows_of(connection: Connection, ledger: str, *, old: bool) -> Iterator[Row]:
    """The rows of a ledger in order, a thousand in memory at a time; `old` those of the schema of
    0.1.0."""
    rows = streamed(connection, _OLD) if old else streamed(connection, _NEW, ledger=ledger)
    yield from map(Row._make, rows)


def streamed(connection: Connection, query: str, **values: object) -> Iterator[Any]:
    """The rows of a query, a thousand in memory at a time."""
    from sqlalchemy import text

    statement = text(query).execution_options(stream_results=True, yield_per=_AT_ONCE)
    with connection.execute(statement, values) as result:
        yield from result


def write_rows(connection: Connection, ledger: str, entries: Sequence[Entry]) -> None:
    """Write entries, and add their changes to the tallies."""
    from sqlalchemy import text

    for at in range(0, len(entries), _AT_ONCE):
        some = entries[at : at + _AT_ONCE]
        rows = [
            {
                "ledger": ledger,
                "no": e.no,
                "posted": str(e.posted),
                "act": act_name(e.act),
                "text": e.text,
                "head": e.head,
            }
            for e in some
        ]
        connection.execute(text(_INSERT), rows)
        if tallies := _tallies(ledger, some):
            connection.execute(text(_ADD), tallies)


def _tallies(ledger: str, entries: Iterable[Entry]) -> list[dict[str, object]]:
    tallies: dict[ItemTally, dict[str, Any]] = {}
    for entry in entries:
        if (key := tally_of(entry)) and isinstance(entry.act, Change):
            item = item_text(entry)
            row = tallies.setdefault(key, {"ledger": ledger, **key._asdict(), "item": item, "count": 0, "amount": 0})
            row["count"] += entry.act.count
            row["amount"] += entry.act.amount
    return [*tallies.values()]


def tally_of(entry: Entry) -> ItemTally | None:
    """The tally to which an entry adds, where it is a change."""
    if not isinstance(entry.act, Change):
        return None
    digest = sha256(item_text(entry).encode()).hexdigest()
    return ItemTally(line_of(entry.act).award, digest, int(bool(entry.act.refused)))


def follow(rows: Iterable[Row], file: str, findings: list[Finding]) -> Iterator[Entry]:
    """The entries of rows, in order. What is wrong is added to `findings`, at the number of its
    entry; such a row gives no entry."""
    heads, next_no = {NOTHING}, 1
    for row in rows:
        no = row.no
        if type(no) is not int or no < next_no:
            findings.append(_at(file, f"after entry {next_no - 1}", "number", "this entry has no number"))
            continue
        if no > next_no:
            missing = f"entry {next_no}" if no == next_no + 1 else f"entries {next_no} to {no - 1}"
            findings.append(_at(file, missing, "missing", "nothing is here", "every entry, in order"))
            heads = set()  # what stood there is not known
        unreadable = _unreadable(row)
        computed = {head_of(head, row.text) for head in heads} if _is_text(row.text) else set()
        entry = None
        if unreadable:
            findings.append(_at(file, f"entry {no}", "text", unreadable))
        elif heads and row.head not in computed:
            problem = "this entry was changed, or the one before it: its head does not follow"
            findings.append(_at(file, f"entry {no}", "head", problem))
        elif (entry := _entry(row)) is None:
            problem = "this entry is not written as a ledger writes it"
            findings.append(_at(file, f"entry {no}", "written", problem))
        elif (row.posted, row.act or act_name(entry.act)) != (str(entry.posted), act_name(entry.act)):
            problem = "what is stored beside this entry is not what the entry says"
            findings.append(_at(file, f"entry {no}", "beside", problem, "its day posted and its act"))
        else:
            yield entry
        # of a changed entry the text may be wrong or the head: the next one follows from either
        heads = {row.head} if entry else {*([row.head] if _is_text(row.head) else []), *computed}
        next_no = no + 1


def _unreadable(row: Row) -> str:
    return "" if _is_text(row.text) and _is_text(row.head) else "this entry is not text in UTF-8"


def _is_text(value: object) -> bool:
    """Whether a value is text of which every byte was UTF-8."""
    return isinstance(value, str) and (value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value))


def _entry(row: Row) -> Entry | None:
    """The entry of a text whose head follows. Whoever forges a text can forge a head, so it must
    read as itself: that is a twentieth of the cost of the schema."""
    try:
        entry = read_entry({**json.loads(row.text), "head": row.head}, row.text)
        return entry if is_written(entry) and entry.no == row.no else None
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, GrantcalcError):
        return None  # no JSON, or not of an entry: each of these has another way to fail


def _at(file: str, place: str, cause: str, problem: str, expected: str = "") -> Finding:
    return Finding(place=Place(file, place), cause=cause, problem=problem, expected=expected)
