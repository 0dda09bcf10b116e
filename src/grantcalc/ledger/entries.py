"""What a ledger records, act by act, and the chain of hashes that holds the acts together.

Each entry has a text, one line of JSON, and a head: the SHA-256 of the head before it, a line feed, and that text. So
whoever knows the last head can tell whether any entry was edited, removed or moved, with nothing but `sha256sum`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from typing import Literal, TypeAlias, get_args

from attrs import define, evolve, field, frozen

from grantcalc.billing import format_1
from grantcalc.billing.claims import OpeningSum, Party, awards_of
from grantcalc.billing.fields import LINE_FIGURES
from grantcalc.billing.lines import Line, Reduction
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
from grantcalc.errors import GrantcalcError
from grantcalc.periods import Month, parse_date
from grantcalc.provenance import NOWHERE, Input

Item: TypeAlias = Line | Reduction
ChangeReason = Literal["", "rate", "enrollment", "letter", "household", "cost", "disallowance", "ceiling", "correction"]
CHANGE_REASONS: tuple[ChangeReason, ...] = get_args(ChangeReason)
"""Why an amount changed, in the order in which reasons are told apart (Rulebook 8.1); empty for a first claim."""

ENTRY_FORMAT = 2
"""The version of the format of a new entry's text; one of format 1 is read for good (`format_1`)."""

NOTHING = "0" * 64
"""The head of a ledger without entries."""


@define(eq=False)
class Unpostable(GrantcalcError):
    """What a ledger does not take, with the reason in a sentence."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@frozen
class Posting:
    """A claim was posted: whose, up to which service month, from which inputs. Its `changes` are the entries after it.

    `period` is the posting period, the month in which they stand: that of the day posted. It is open, for a period is
    closed after its last day only, and days posted never go back (Rulebook 8.2). `known` is the day of knowledge of the
    claim, None where that is the day posted. `awards` are those that the claim covers, empty where its
    parties name them.
    """

    issuers: tuple[str, ...]
    through: Month
    period: Month
    changes: int
    parties: tuple[Party, ...]
    inputs: tuple[Input, ...]
    known: date | None = None
    awards: tuple[str, ...] = ()
    openings: tuple[OpeningSum, ...] = ()

    def overlaps(self, issuers: Iterable[str], awards: Collection[str]) -> bool:
        """Whether this posting tells of any of these issuers, and of any of these awards; no awards are all."""
        same = not (self.covers and awards) or not self.covers.isdisjoint(awards)
        return same and not set(self.issuers).isdisjoint(issuers)

    @property
    def covers(self) -> frozenset[str]:
        """The awards that it tells of; empty where that is not known, as of a claim of nothing."""
        return frozenset(self.awards or awards_of(self.parties))


@frozen
class Change:
    """One item, without figures, and by how many lines and cents it changed, and why.

    `refused` names what forbids it: such a change is shown, and does not stand (Rulebook 8.3).
    """

    item: Item
    count: int
    amount: int
    reason: ChangeReason = ""
    refused: str = ""


@frozen
class Part:
    """What a request asks for one subaward's own service, and what a hold keeps from being asked. Cents of program
    cost: without indirect cost, and before a federal share."""

    subaward: str
    amount: int
    on_hold: int = 0


@frozen
class Requested:
    """Cents were requested of an award for a budget period: for what was earned, or in advance of it.

    `by_subaward` has the cost that the request asked for, subaward by subaward; it is empty in older entries.
    `inputs` are the award workbook and terms from which it was made.
    """

    award: str
    budget_period: str
    amount: int
    kind: Literal["reimbursement", "advance"] = "reimbursement"
    by_subaward: tuple[Part, ...] = ()
    inputs: tuple[Input, ...] = ()


@frozen
class Received:
    """Cents were received of an award for a budget period on a day, by a reference; negative for money returned."""

    award: str
    budget_period: str
    amount: int
    received: date
    reference: str


@frozen
class Closed:
    """A posting period was closed, and with it every earlier one: it takes nothing more (Rulebook 8.2)."""

    month: Month


@frozen
class ClosedOut:
    """A budget period of an award was closed out: what changes in it later is refused by name (Rulebook 8.3)."""

    award: str
    budget_period: str


@frozen
class Held:
    """From this day on, what a subaward earned is computed and shown, and not requested."""

    subaward: str
    why: str


@frozen
class Released:
    """A hold on a subaward was lifted."""

    subaward: str


@frozen
class Voided:
    """An earlier entry was made by mistake and counts no more; both stay visible. The voided entry of a posting is
    followed by `changes` entries that take back its own."""

    entry: int
    why: str
    changes: int = 0


LedgerEvent: TypeAlias = Posting | Change | Requested | Received | Closed | ClosedOut | Held | Released | Voided

EVENTS: Mapping[str, type[LedgerEvent]] = {
    "posting": Posting,
    "change": Change,
    "requested": Requested,
    "closed": Closed,
    "closed_out": ClosedOut,
    "held": Held,
    "released": Released,
    "received": Received,
    "voided": Voided,
}
_NAMES = {kind: name for name, kind in EVENTS.items()}


@frozen
class Entry:
    """One entry: its number, counted from 1, the day posted, what was done, and the head of the chain up to it.

    `text` is the entry as one line of JSON, without its head: what the head is computed from. An entry that was read
    keeps the text in which it was stored, whatever the format of that time.
    """

    no: int
    posted: date
    act: LedgerEvent
    head: str
    text: str = field(repr=False)

    @property
    def line(self) -> str:
        """The entry as one line of JSON, with its head at the end."""
        return f'{self.text[:-1]},"head":"{self.head}"}}'


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


def _one_line(found: Json) -> str:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def head_of(before: str, text: str) -> str:
    """The head after an entry with this text."""
    return sha256(f"{before}\n{text}".encode()).hexdigest()


def chain(before: str, first: int, posted: date, acts: Iterable[LedgerEvent]) -> Iterator[Entry]:
    """Entries for these acts, in order, each chained to the one before it."""
    for no, act in enumerate(acts, first):
        text = entry_text(no, posted, act)
        before = head_of(before, text)
        yield Entry(no, posted, act, before, text)


def bare(item: Item) -> Item:
    """An item without its figures: what identifies it when a later claim is compared with it."""
    if isinstance(item, Reduction):
        return evolve(item, line=_bare(item.line), count=0, amount=0)
    return _bare(item)


def _bare(line: Line) -> Line:
    return evolve(line, count=0, amount=0, source=NOWHERE)


def line_of(item: Item | Change) -> Line:
    """The line that an item is, or reductions, or that changed."""
    if isinstance(item, Change):
        item = item.item
    return item.line if isinstance(item, Reduction) else item


# --- as records ---


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
    found: Json = unstructure(act)
    if isinstance(act, Posting) and act.openings:
        found["openings"] = opening_records(act.openings)
    return found


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
    """The act of a record that the schema lets stand."""
    kind = EVENTS[row["act"]]
    if kind is Change:
        found = row["line"]
        line = read_line(found, read_rate(found["rate"]) if "rate" in found else None, count=0, amount=0)
        item: Item = read_reduction(row["reduction"], line, 0, 0) if "reduction" in row else line
        return Change(item, row["count"], cents_of_text(row["amount"]), row.get("reason", ""), row.get("refused", ""))
    if kind is Requested:
        parts, inputs = read_parts(row.get("by_subaward", ())), structure_all(row.get("inputs", []), Input)
        how = row.get("kind", "reimbursement")
        return Requested(row["award"], row["budget_period"], cents_of_text(row["amount"]), how, parts, inputs)
    if kind is Received:
        row = {**row, "amount": cents_of_text(row["amount"])}
    if kind is Posting and "openings" in row:
        row = {**row, "openings": read_openings(row["openings"])}
    return structure(row, kind)


def read_entry(row: Json, text: str = "") -> Entry:
    """The entry of a record that the schema of its format lets stand, with the head that it says; `text` is the text in
    which it was stored, by default the record on one line."""
    text = text or _one_line({key: value for key, value in row.items() if key != "head"})
    act = _read_act(row if row["format"] == ENTRY_FORMAT else format_1.entry(row))
    return Entry(row["no"], parse_date(row["posted"]), act, row["head"], text)


def is_written(entry: Entry) -> bool:
    """Whether an entry's text is what a ledger writes: of today's format to the byte, of format 1 on one line."""
    row = json.loads(entry.text)
    if row["format"] == ENTRY_FORMAT:
        return entry.text == entry_text(entry.no, entry.posted, entry.act)
    return entry.text == _one_line(row)
