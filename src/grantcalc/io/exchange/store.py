"""Where a ledger is kept: a SQLite file, or a PostgreSQL database by its URL, by one code path.

The ledger holds every rule; the store only keeps its entries, each as its line of JSON and its
head, and lets none be changed or taken away: triggers refuse it, and the chain of heads would tell.
It has `load()`, `append(entries, expected_head)`, which refuses a stale head, and `turn()`, in
which nobody else appends. What is appended is there whole or not at all, whenever the power fails.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import define, field

from grantcalc.effects import record
from grantcalc.errors import Finding, GrantcalcError, Rejected, refuse
from grantcalc.io.exchange.database import TABLES, Database, Unstored
from grantcalc.io.exchange.stored_rows import follow, rows_of, write_rows
from grantcalc.ledger.chain import NOTHING, head_of
from grantcalc.ledger.entries import Entry
from grantcalc.ledger.ledger import Ledger

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LOG = logging.getLogger(__name__)


@define(eq=False)
class StaleHead(GrantcalcError):
    """The ledger went on since it was loaded: load it again, and post again."""

    expected: str
    found: str

    def __str__(self) -> str:
        heads = f"the head of the ledger is {self.found[:12]}, not {self.expected[:12]}"
        return f"another posting came first: {heads}; try again"


def _without_password(where: str) -> str:
    """The path of a file, or the kind of database alone: its URL may hold a password, also among
    the options."""
    kind, separator, _ = where.partition("://")
    return repr(f"{kind}://…" if separator else where)


@define
class Turn:
    """A ledger while nobody else appends to it, and the entries to append when the turn ends."""

    ledger: Ledger
    entries: tuple[Entry, ...] = ()


@define(slots=False)
class Store:
    """A ledger's store: the path of a SQLite file, or the URL of a PostgreSQL database
    (`postgresql+psycopg://…`).

    `create` lets a file or table that is not there be made by the first `append`; without it that
    is `Unstored`. One database may hold several ledgers: `ledger` names the one that is meant, by
    default the one without a name. A pickled store holds its URL whole.
    """

    where: str = field(converter=str, repr=_without_password)
    create: bool = False
    ledger: str = ""

    def load(self) -> Ledger:
        """The ledger as it stands. `Rejected` names the entries that were changed, or are
        missing."""
        if self.create and not self._database.is_there():
            return Ledger()
        with self._begun() as connection:
            return self._load(connection)

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """The ledger as it stands, to which nobody else appends until the block ends: then the
        turn's entries are appended. Where the block fails nothing is.

        A ledger that is not there yet is made when the block ends; `StaleHead` where another hand
        made it meanwhile.
        """
        if self.create and not self._database.is_there():
            yield (turn := Turn(Ledger()))
            if turn.entries:
                self.append(turn.entries, NOTHING)
            return
        with self._begun(to_write=True) as connection:
            yield (turn := Turn(self._load(connection)))
            if turn.entries:
                self._append(connection, turn.entries, turn.ledger.head)
        self._tell(len(turn.entries))

    def append(self, entries: Sequence[Entry], expected_head: str) -> None:
        """Add entries behind the head that they were made on. `StaleHead` when the ledger stands
        elsewhere by now; ValueError for entries that do not follow from it."""
        with self._begun(to_write=True) as connection:
            self._append(connection, entries, expected_head)
        self._tell(len(entries))

    def heads(self) -> list[bytes]:
        """The head after each entry, in order: the leaves of the ledger's Merkle tree. `Rejected`
        like `load`."""
        with self._begun() as connection:
            return [bytes.fromhex(entry.head) for entry in self._read(connection)]

    def _read(self, connection: Connection) -> Iterator[Entry]:
        """The entries in order, a thousand in memory at a time. `Rejected` at the end where any was
        changed or is missing."""
        findings: list[Finding] = []
        if version := self._database.version(connection):
            rows = rows_of(connection, self.ledger, old=version < TABLES)
            yield from follow(rows, self.name, findings)
        elif not self.create:
            raise Unstored(f"{self.name} holds no ledger")
        refuse(findings, Rejected)

    @property
    def name(self) -> str:
        """The file's name, or the database's, without the password that a URL may hold."""
        return self._database.name

    @cached_property
    def _database(self) -> Database:
        """The database that holds the ledger."""
        return Database(self.where)

    def _begun(self, *, to_write: bool = False) -> AbstractContextManager[Connection]:
        """A transaction; `to_write` one in which this hand alone appends. `Unstored` where there is
        no database."""
        if not self.create and not self._database.is_there():
            raise Unstored(f"there is no ledger {self.name}")
        return self._database.begun(to_write=to_write)

    def _load(self, connection: Connection) -> Ledger:
        entries = tuple(self._read(connection))
        _LOG.debug("read the ledger %s (entries: %d)", self.name, len(entries))
        return Ledger(entries)

    def _append(self, connection: Connection, entries: Sequence[Entry], expected_head: str) -> None:
        head = expected_head
        for entry in entries:
            if entry.head != (head := head_of(head, entry.text)):
                raise ValueError("these entries do not follow from the expected head")
        from sqlalchemy import text

        if self._database.migrate(connection):
            self._take_over(connection)
        query = text("SELECT head FROM grantcalc_entries WHERE ledger = :ledger ORDER BY no DESC LIMIT 1")
        last = connection.execute(query, {"ledger": self.ledger}).scalar()
        if (last or NOTHING) != expected_head:
            raise StaleHead(expected_head, last or NOTHING)
        write_rows(connection, self.ledger, entries)

    def _take_over(self, connection: Connection) -> None:
        """Write the entries of an older schema, as they are, into the table of several ledgers."""
        findings: list[Finding] = []
        entries = tuple(follow(rows_of(connection, "", old=True), self.name, findings))
        refuse(findings, Rejected)
        write_rows(connection, "", entries)
        self._database.drop_old(connection)

    def _tell(self, count: int) -> None:
        if count:
            record(self.name, "was posted to")
        _LOG.debug("wrote to the ledger %s (entries: %d)", self.name, count)

    def __reduce__(self) -> tuple[type[Store], tuple[str, bool, str]]:
        """What it was made from. Its connections belong to one process, and are not copied."""
        return Store, (self.where, self.create, self.ledger)
