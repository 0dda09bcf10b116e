"""Where a ledger is kept: a SQLite file, or a PostgreSQL database by its URL, by one code path.

The ledger holds every rule; the store only keeps its entries, each as its line of JSON and its head, and lets none be
changed or taken away: triggers refuse it, and the chain of heads would tell. It has `load()` and
`append(entries, expected_head)`, which refuses a stale head, so that of two hands that post at once one goes first and
the other is told. What is appended is there whole or not at all, whenever the power fails.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field

from grantcalc.effects import record
from grantcalc.errors import GrantcalcError, Place, Rejected
from grantcalc.ledger.chain import NOTHING, head_of, is_written, read_entry
from grantcalc.ledger.entries import Entry
from grantcalc.ledger.ledger import Ledger

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_LOG = logging.getLogger(__name__)
_LOCK = 0x6772616E  # of PostgreSQL: one hand at a time migrates or appends

_MIGRATIONS = files("grantcalc.io.exchange") / "migrations"


def migrations(database: str) -> list[str]:
    """The numbered migrations for `sqlite` or `postgresql`, as SQL. One that was released is never edited: add the
    next."""
    found = sorted(x.name for x in _MIGRATIONS.iterdir() if x.name.endswith(f".{database}.sql"))
    return [(_MIGRATIONS / name).read_text("utf-8") for name in found]


@define(eq=False)
class StaleHead(GrantcalcError):
    """The ledger went on since it was loaded: load it again, and post again."""

    expected: str
    found: str

    def __str__(self) -> str:
        heads = f"the head of the ledger is {self.found[:12]}, not {self.expected[:12]}"
        return f"another posting came first: {heads}; try again"


@define(eq=False)
class Unstored(GrantcalcError):
    """A store that cannot be used, with the reason in a sentence. Nothing was changed."""

    reason: str

    def __str__(self) -> str:
        return self.reason


def _without_password(where: str) -> str:
    """The path of a file, or the kind of database alone: its URL may hold a password, also among the options."""
    kind, separator, _ = where.partition("://")
    return repr(f"{kind}://…" if separator else where)


@define(eq=False)
class Turn:
    """A ledger while nobody else appends to it, and the entries to append when the turn ends."""

    ledger: Ledger
    entries: tuple[Entry, ...] = ()


@define(slots=False)
class Store:
    """A ledger's store: the path of a SQLite file, or the URL of a PostgreSQL database (`postgresql+psycopg://…`).

    `create` lets a file or table that is not there be made by the first `append`; without it that is `Unstored`.
    A pickled store holds its URL whole.
    """

    where: str = field(converter=str, repr=_without_password)
    create: bool = False

    def load(self) -> Ledger:
        """The ledger as it stands. `Rejected` names the entries that were changed, or are missing."""
        if self.create and not self._is_there():
            return Ledger()
        with self._begun() as connection:
            return self._load(connection)

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """The ledger as it stands, to which nobody else appends until the block ends: then the turn's entries are
        appended. Where the block fails nothing is.

        A ledger that is not there yet is made when the block ends; `StaleHead` where another hand made it meanwhile.
        """
        if self.create and not self._is_there():
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
        """Add entries behind the head that they were made on. `StaleHead` when the ledger stands elsewhere by now;
        ValueError for entries that do not follow from it."""
        with self._begun(to_write=True) as connection:
            self._append(connection, entries, expected_head)
        self._tell(len(entries))

    def _tell(self, count: int) -> None:
        if count:
            record(self.name, "was posted to")
        _LOG.debug("wrote to the ledger %s (entries: %d)", self.name, count)

    def _load(self, connection: Connection) -> Ledger:
        if not self._version(connection):
            return Ledger()
        rows = connection.exec_driver_sql("SELECT no, text, head FROM entries ORDER BY no").all()
        entries = tuple(self._read(rows))
        _LOG.debug("read the ledger %s (entries: %d)", self.name, len(entries))
        return Ledger(entries)

    def _append(self, connection: Connection, entries: Sequence[Entry], expected_head: str) -> None:
        head = expected_head
        for entry in entries:
            if entry.head != (head := head_of(head, entry.text)):
                raise ValueError("these entries do not follow from the expected head")
        self._migrate(connection)
        last = connection.exec_driver_sql("SELECT head FROM entries ORDER BY no DESC LIMIT 1").scalar()
        if (last or NOTHING) != expected_head:
            raise StaleHead(expected_head, last or NOTHING)
        if entries:
            from sqlalchemy import text

            insert = text("INSERT INTO entries (no, posted, text, head) VALUES (:no, :posted, :text, :head)")
            rows = [{"no": e.no, "posted": str(e.posted), "text": e.text, "head": e.head} for e in entries]
            connection.execute(insert, rows)

    def _read(self, rows: Sequence[Any]) -> Iterator[Entry]:
        head, findings = NOTHING, []
        for number, (no, text, said) in enumerate(rows, 1):
            head = head_of(head, text) if isinstance(text, str) else ""
            if no != number or said != head:
                problem = f"entry {no} was changed, or one before it is missing: its head does not follow"
                findings.append(Place(self.name, f"entry {no}").finding("head", problem))
                head = said
        if findings:
            raise Rejected(findings)
        for _, text, said in rows:
            yield self._entry(text, said)

    def _entry(self, text: str, head: str) -> Entry:
        """The entry of a text whose head follows. Whoever forges a text can forge a head, so it must read as itself:
        that is a twentieth of the cost of the schema."""
        try:
            entry: Entry | None = read_entry({**json.loads(text), "head": head}, text)
            written = entry is not None and is_written(entry)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError, GrantcalcError):
            entry, written = None, False  # no JSON, or not of an entry: each of these has another way to fail
        if entry is None or not written:
            problem = "an entry is not in the format of a ledger"
            raise Rejected([Place(self.name).finding("written", problem)])
        return entry

    def __reduce__(self) -> tuple[type[Store], tuple[str, bool]]:
        """What it was made from. Its connections belong to one process, and are not copied."""
        return Store, (self.where, self.create)

    # --- the database ---

    @property
    def name(self) -> str:
        """The file's name, or the database's, without the password that a URL may hold."""
        return self._engine.url.database.rsplit("/", 1)[-1] if self._engine.url.database else "memory"

    @cached_property
    def _engine(self) -> Engine:
        from sqlalchemy import create_engine, event
        from sqlalchemy.engine import URL, make_url
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError
        from sqlalchemy.pool import NullPool

        try:
            url = make_url(self.where) if "://" in self.where else URL.create("sqlite", database=self.where)
            if url.get_backend_name() not in ("sqlite", "postgresql"):
                raise Unstored("a ledger is kept in a SQLite file or a PostgreSQL database")
            arguments: dict[str, Any] = {"isolation_level": None, "timeout": 30} if url.drivername == "sqlite" else {}
            engine = create_engine(url, poolclass=NullPool, connect_args=arguments)
        except (ArgumentError, NoSuchModuleError):
            raise Unstored("this is neither a file nor a database URL that grantcalc supports") from None
        except ModuleNotFoundError:
            raise Unstored("PostgreSQL needs its driver: pip install 'grantcalc[postgresql]'") from None
        if url.get_backend_name() == "sqlite":
            event.listen(engine, "connect", lambda c, _: c.execute("PRAGMA synchronous = EXTRA"))
        return engine

    @contextmanager
    def _begun(self, *, to_write: bool = False) -> Iterator[Connection]:
        """A transaction; `to_write` one in which this hand alone appends."""
        from sqlalchemy.exc import DBAPIError

        if not self.create and not self._is_there():
            raise Unstored(f"there is no ledger {self.name}")
        try:
            with self._engine.begin() as connection:
                if self._engine.dialect.name == "sqlite":
                    # Whoever will write must say so at once, or two may both read first and one fail.
                    connection.exec_driver_sql("BEGIN IMMEDIATE" if to_write else "BEGIN")
                elif to_write:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                yield connection
        except DBAPIError as failed:
            if getattr(failed.orig, "sqlite_errorname", "") == "SQLITE_BUSY":
                raise Unstored(
                    f"another command is changing the ledger {self.name}: try again when it has ended"
                ) from None
            said = str(failed.orig).splitlines()[0] if failed.orig else "the database failed"
            raise Unstored(f"the store of this ledger cannot be used: {said}") from None
        except UnicodeDecodeError:  # of a damaged file SQLite repeats what it read, whatever that was
            raise Unstored("the store of this ledger cannot be used: it is damaged") from None

    def _is_there(self) -> bool:
        file = self._engine.url.database
        return self._engine.dialect.name != "sqlite" or (file is not None and Path(file).is_file())

    def _version(self, connection: Connection) -> int:
        """How many migrations the database has had; 0 where it has no ledger."""
        from sqlalchemy import inspect

        if not inspect(connection).has_table("grantcalc_migrations"):
            return 0
        found = connection.exec_driver_sql("SELECT MAX(no) FROM grantcalc_migrations").scalar() or 0
        if found > len(migrations(self._engine.dialect.name)):
            raise Unstored("a newer version of grantcalc wrote this ledger")
        return int(found)

    def _migrate(self, connection: Connection) -> None:
        version = self._version(connection)
        if not version:
            connection.exec_driver_sql("CREATE TABLE grantcalc_migrations (no INTEGER PRIMARY KEY)")
        for number, statements in enumerate(migrations(self._engine.dialect.name)[version:], version + 1):
            for statement in statements.split("\n\n"):
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql(f"INSERT INTO grantcalc_migrations VALUES ({number:d})")  # noqa: S608  # a number
