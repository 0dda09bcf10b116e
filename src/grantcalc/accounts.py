"""What an accountant books of a ledger: journal entries, debit and credit, by the recipient's own
chart of accounts.

The chart says which account each event debits and credits; nothing here knows how an organization
recognizes revenue. Amounts are cents, never negative: a negative amount changes sides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from attrs import field, frozen

from grantcalc.declared import checked
from grantcalc.errors import Finding, Rejected, refuse
from grantcalc.files import read_file
from grantcalc.ledger.adjustments import REASON_WORDS
from grantcalc.ledger.entries import CHANGE_REASONS, Change, Received, Requested, line_of
from grantcalc.ledger.ledger import Ledger
from grantcalc.provenance import Source
from grantcalc.terms.vocabulary import POOLS, one_of
from grantcalc.toml import BYTES, decode_text, parse_toml

__all__ = ["AccountPair", "ChartOfAccounts", "JournalLine", "journal_of", "read_chart"]

EVENTS_BOOKED = ("posted", "own", "requested", "advanced", "received")
"""What is booked: a subrecipient's cost that is posted, the recipient's own; a request for what was
earned, or in advance; a payment."""
_FALLBACK = {"own": "posted", "advanced": "requested"}


@frozen
class AccountPair:
    """The account that an event debits and the account that it credits, each by number or name."""

    debit: str
    credit: str


@frozen
class ChartOfAccounts:
    """The accounts of each event, by its name, or by its name and the cost pool: `posted`,
    `posted.administration`."""

    id: str
    pairs: Mapping[str, AccountPair] = field(hash=False)

    def pair(self, event: str, pool: str = "") -> AccountPair:
        """The accounts of an event: those of its cost pool, else its own, else those of the event
        that it is a kind of."""
        for name in (event, _FALLBACK.get(event, event)):
            for key in (f"{name}.{pool}", name):
                if key in self.pairs:
                    return self.pairs[key]
        raise KeyError(event)


@frozen(kw_only=True)
class JournalLine:
    """One side of a journal entry. Lines of one `number` balance; `entries` are those of the ledger
    that it books."""

    number: int
    booked: date
    account: str
    debit: int
    credit: int
    award: str
    budget_period: str
    subaward: str
    memo: str


@checked
def read_chart(path: str | Path) -> ChartOfAccounts:
    """A chart of accounts from a TOML file (docs/workbooks.md). `Rejected` with every finding at
    once."""
    path = Path(path)
    document = parse_toml(decode_text(read_file(path, BYTES), path.name, Rejected), path.name, Rejected)
    pairs: dict[str, AccountPair] = {}
    findings: list[Finding] = []
    for name, table in document.items():
        if name == "id":
            continue
        if name not in EVENTS_BOOKED or not isinstance(table, dict):
            found = Source(path.name, name if name.isidentifier() else "")
            findings.append(found.finding("key", "this is no event that is booked", one_of(EVENTS_BOOKED)))
            continue
        pools = {key: value for key, value in table.items() if key not in ("debit", "credit")}
        for key, said in ((name, table), *((f"{name}.{pool}", value) for pool, value in pools.items())):
            pool = key.partition(".")[2]
            if (pool and pool not in POOLS) or not isinstance(said, dict):
                findings.append(Source(path.name, name).finding("key", "this is no cost pool", one_of(POOLS)))
            elif wrong := _wrong_pair(said, required=key != name or not pools):
                findings.append(Source(path.name, key).finding("account", *wrong))
            elif "debit" in said:
                pairs[key] = AccountPair(said["debit"], said["credit"])
    for event in ("posted", "requested", "received"):
        if not any(key.partition(".")[0] == event for key in pairs) and not findings:
            problem = f"this chart has no accounts for what is {event}"
            findings.append(Source(path.name, event).finding("missing", problem, "debit and credit"))
    refuse(findings)
    return ChartOfAccounts(f"{document.get('id', path.stem)}", pairs)


def _wrong_pair(said: Mapping[str, Any], *, required: bool) -> tuple[str, str] | None:
    sides = [said.get("debit"), said.get("credit")]
    if not required and sides == [None, None]:
        return None
    if not all(isinstance(side, str) and side.strip() for side in sides):
        return "an event debits one account and credits another", 'debit = "…" and credit = "…", each a text'
    return ("both sides are one account", "two accounts") if sides[0] == sides[1] else None


@checked
def journal_of(ledger: Ledger, chart: ChartOfAccounts, since: date | None = None) -> tuple[JournalLine, ...]:
    """The journal entries of what a ledger holds, in order: each posting by award, budget period,
    subaward, cost pool and reason; each request; each payment. With `since` only what was posted
    after that day.

    Voided entries and refused changes are not booked. Debits and credits of each number are equal.
    `Rejected` for an event of which the chart has no accounts.
    """
    lines: list[JournalLine] = []
    for number, (booked, event, pool, where, amount, memo) in enumerate(_booked(ledger, since), 1):
        try:
            pair = chart.pair(event, pool)
        except KeyError:
            problem = f"the chart has no accounts for what is {event}" + (f" in the pool {pool}" if pool else "")
            refuse([Source(chart.id).finding("missing", problem, "debit and credit")])
            raise
        debit, credit = (pair.debit, pair.credit) if amount > 0 else (pair.credit, pair.debit)
        for account, sides in ((debit, (abs(amount), 0)), (credit, (0, abs(amount)))):
            lines.append(
                JournalLine(
                    number=number,
                    booked=booked,
                    account=account,
                    debit=sides[0],
                    credit=sides[1],
                    award=where[0],
                    budget_period=where[1],
                    subaward=where[2],
                    memo=memo,
                )
            )
    return tuple(lines)


Booked = tuple[date, str, str, tuple[str, str, str], int, str]
"""Day, event, cost pool; award, budget period and subaward; cents; memo."""


def _booked(ledger: Ledger, since: date | None) -> Iterator[Booked]:
    """What is booked, in the order of the ledger; the changes of one day together."""
    waiting: Counter[tuple[date, tuple[str, str, str], str, int]] = Counter()
    for entry in ledger.in_effect:
        if since and entry.posted <= since:
            continue
        act = entry.act
        if isinstance(act, Change) and not act.refused:
            line = line_of(act)
            where = line.award, line.budget_period, line.subaward
            waiting[entry.posted, where, line.pool, CHANGE_REASONS.index(act.reason)] += act.amount
        elif isinstance(act, Requested | Received):
            yield from _posted(waiting)
            waiting.clear()
            if act.amount:
                yield _of_the_agency(entry.posted, act)
    yield from _posted(waiting)


def _posted(waiting: Mapping[tuple[date, tuple[str, str, str], str, int], int]) -> Iterator[Booked]:
    for (posted, where, pool, reason), amount in sorted(waiting.items()):
        if amount:
            event = "own" if where[2] == where[0] else "posted"
            why = REASON_WORDS[CHANGE_REASONS[reason]] if reason else "New months"
            yield posted, event, pool, where, amount, why[:1].upper() + why[1:]


def _of_the_agency(posted: date, act: Requested | Received) -> Booked:
    where = act.award, act.budget_period, ""
    if isinstance(act, Received):
        return act.received, "received", "", where, act.amount, f"Received, {act.reference}"
    event = "advanced" if act.kind == "advance" else "requested"
    return posted, event, "", where, act.amount, f"Request, {act.kind}"
