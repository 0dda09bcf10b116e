"""Is a ledger in its store what was posted? Each entry is followed once, and what is stored beside
them compared.

Entries are read a thousand at a time and none is kept, so that a ledger of any length takes the
same memory. Tallies are compared by a sum over all of them: each counts with a number that nobody
can foresee. Only where that sum differs are they compared one by one.
"""

from __future__ import annotations

import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from grantcalc.errors import Finding, Place
from grantcalc.io.exchange.database import TABLES, Database, Unstored, migrations
from grantcalc.io.exchange.journal import broken_entries
from grantcalc.io.exchange.store import Store
from grantcalc.io.exchange.stored_rows import ItemTally, follow, rows_of, streamed, tally_of
from grantcalc.ledger.chain import NOTHING
from grantcalc.ledger.entries import Change, Entry

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PRIME = 2**255 - 19
_TALLIES = "SELECT award, digest, refused, count, amount FROM grantcalc_tallies WHERE ledger = :ledger"
_TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table",
    "postgresql": "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
    " WHERE t.tgrelid = CAST(:table AS regclass) AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')",
}


@frozen
class StoreAudit:
    """What an audit found: how many entries there are, the head after the last, and every fault."""

    entries: int
    head: str
    findings: tuple[Finding, ...]


@define
class _Sums:
    """A sum over tallies that differs, but for a chance of 1 in 2^200, where one of them does."""

    salt: bytes = field(factory=lambda: secrets.token_bytes(32))
    total: int = 0

    def add(self, key: ItemTally, count: int, amount: int) -> None:
        if not (type(count) is type(amount) is int):  # SQLite lets a column of numbers hold text
            self.total = -1
        if self.total < 0:
            return
        name = f"{key.award}\n{key.digest}\n{key.refused}".encode("utf-8", "surrogateescape")
        weight = int.from_bytes(sha256(self.salt + name).digest()[:25])
        self.total = (self.total + weight * ((count << 100) + amount)) % _PRIME


def audit_store(store: Store, head: str = "") -> StoreAudit:
    """Follow every entry of a ledger in its store, and compare what is stored beside them.

    `head` is a head that was published, if one is: the ledger must hold it. Each fault is a finding
    at its entry. `Unstored` where there is no ledger; `Rejected` where the list of migrations was
    edited, since nothing can be read.
    """
    findings: list[Finding] = []
    database = Database(store.where)
    if not database.is_there():
        raise Unstored(f"there is no ledger {database.name}")
    with database.begun() as connection:
        version = database.version(connection)
        if not version:
            raise Unstored(f"{store.name} holds no ledger")
        sums = _Sums()
        followed = _FollowedChain(head)
        entries = follow(rows_of(connection, store.ledger, old=version < TABLES), store.name, findings)
        semantic = [*broken_entries(followed.watch(entries, sums), store.name)]
        findings = findings or semantic  # a fault of one entry would be told again of the next
        findings += _triggers(database, connection, version)
        if version >= TABLES and not findings:
            findings += _tallies(store, connection, sums)
    if head and not followed.held and head != NOTHING:
        problem = "this ledger does not hold the entry with the head that was published"
        findings.append(Finding(place=Place(store.name, f"entry {followed.count}"), cause="head", problem=problem))
    return StoreAudit(followed.count, followed.head, tuple(findings))


@define
class _FollowedChain:
    """How far the entries were followed, and whether one of them has the published head."""

    published: str
    count: int = 0
    head: str = NOTHING
    held: bool = False

    def watch(self, entries: Iterator[Entry], sums: _Sums) -> Iterator[Entry]:
        for entry in entries:
            self.count, self.head = entry.no, entry.head
            self.held = self.held or entry.head == self.published
            if (key := tally_of(entry)) and isinstance(entry.act, Change):
                sums.add(key, entry.act.count, entry.act.amount)
            yield entry


def _tallies(store: Store, connection: Connection, sums: _Sums) -> list[Finding]:
    """Where the tallies are not what the changes come to: each at the first entry of its item."""
    stored = _Sums(sums.salt)

    def rows() -> Iterator[tuple[ItemTally, int, int]]:
        for award, digest, refused, count, amount in streamed(connection, _TALLIES, ledger=store.ledger):
            yield ItemTally(award, digest, refused), count, amount

    for key, count, amount in rows():
        stored.add(key, count, amount)
    return [] if stored.total == sums.total else _one_by_one(store, connection, rows)


def _one_by_one(
    store: Store, connection: Connection, rows: Callable[[], Iterator[tuple[ItemTally, int, int]]]
) -> list[Finding]:
    due: dict[ItemTally, tuple[int, int]] = defaultdict(lambda: (0, 0))
    first: dict[ItemTally, int] = {}
    for entry in follow(rows_of(connection, store.ledger, old=False), store.name, []):
        if (key := tally_of(entry)) and isinstance(entry.act, Change):
            first.setdefault(key, entry.no)
            due[key] = due[key][0] + entry.act.count, due[key][1] + entry.act.amount
    said = {key: (count, amount) for key, count, amount in rows()}
    wrong = [key for key in {**due, **said} if said.get(key) != due.get(key)]
    problem = "the tally of this entry's item is not what its changes come to"
    places = sorted(first[key] for key in wrong if key in first)
    findings = [Finding(place=Place(store.name, f"entry {no}"), cause="tally", problem=problem) for no in places]
    if any(key not in first for key in wrong):
        problem = "a tally is of an item that no entry has"
        findings.append(Finding(place=Place(store.name, "grantcalc_tallies"), cause="tally", problem=problem))
    return findings


def _triggers(database: Database, connection: Connection, version: int) -> list[Finding]:
    """The triggers that refuse changes: each that is missing, is switched off or was edited; and
    any other."""
    from sqlalchemy import text

    kind = database.kind
    table, made = ("grantcalc_entries", TABLES) if version >= TABLES else ("entries", 1)
    due = _due(migrations(kind)[made - 1], kind)
    triggers = {row[0]: row[1] for row in connection.execute(text(_TRIGGERS[kind]), {"table": table})}
    wrong = [name for name in due if triggers.get(name) != due[name]]
    problem = "this trigger, which refuses changes of entries, was removed or edited"
    findings = [Finding(place=Place(database.name, name), cause="trigger", problem=problem) for name in wrong]
    if triggers.keys() - due.keys():
        problem = "the table of entries has a trigger that is none of grantcalc's"
        findings.append(Finding(place=Place(database.name, table), cause="trigger", problem=problem))
    return findings


def _due(migration: str, kind: str) -> dict[str, str]:
    """The triggers of a migration, each with its text or, in PostgreSQL, the body of its
    function."""
    statements = [s for s in migration.split("\n\n") if s.startswith("CREATE TRIGGER")]
    names = [s.split()[2] for s in statements]
    if kind == "sqlite":
        return dict(zip(names, (s.rstrip("\n") for s in statements), strict=True))
    bodies = dict(re.findall(r"CREATE FUNCTION (\w+)\(\).*?\$\$(.*?)\$\$", migration, re.DOTALL))
    called = (re.findall(r"EXECUTE FUNCTION (\w+)", s)[0] for s in statements)
    return dict(zip(names, (bodies[name] for name in called), strict=True))
