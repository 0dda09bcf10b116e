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
from grantcalc.errors import Finding, GrantcalcError, Place, Rejected
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
        heads = f"the ledger stands at {self.found[:12]}, not {self.expected[:12]}"
        return f"another posting came first: {heads}; try again"


@define(eq=False)
class Unstored(GrantcalcError):
    """A store that cannot be used, with the reason in a sentence. Nothing was changed."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@define(slots=False)
class Store:
    """A ledger's store: the path of a SQLite file, or the URL of a PostgreSQL database (`postgresql+psycopg://…`).

    `create` lets a file or table that is not there be made by the first `append`; without it that is `Unstored`.
    """

    where: str = field(converter=str)
    create: bool = False

    def load(self) -> Ledger:
        """The ledger as it stands. `Rejected` names the entries that were changed, or are missing."""
        if self.create and not self._is_there():
            return Ledger()
        with self._begun() as connection:
            if not self._version(connection):
                return Ledger()
            rows = connection.exec_driver_sql("SELECT no, text, head FROM entries ORDER BY no").all()
        entries = tuple(self._read(rows))
        _LOG.debug("read the ledger %s (entries: %d)", self.name, len(entries))
        return Ledger(entries)

    def append(self, entries: Sequence[Entry], expected_head: str) -> None:
        """Add entries behind the head that they were made on. `StaleHead` when the ledger stands elsewhere by now;
        ValueError for entries that do not follow from it."""
        head = expected_head
        for entry in entries:
            if entry.head != (head := head_of(head, entry.text)):
                raise ValueError("these entries do not follow from the expected head")
        with self._begun() as connection:
            self._migrate(connection)
            last = connection.exec_driver_sql("SELECT head FROM entries ORDER BY no DESC LIMIT 1").scalar()
            if (last or NOTHING) != expected_head:
                raise StaleHead(expected_head, last or NOTHING)
            if entries:
                from sqlalchemy import text

                insert = text("INSERT INTO entries (no, posted, text, head) VALUES (:no, :posted, :text, :head)")
                rows = [{"no": e.no, "posted": str(e.posted), "text": e.text, "head": e.head} for e in entries]
                connection.execute(insert, rows)
        record(self.name, "was posted to")
        _LOG.debug("wrote to the ledger %s (entries: %d)", self.name, len(entries))

    def _read(self, rows: Sequence[Any]) -> Iterator[Entry]:
        head, findings = NOTHING, []
        for number, (no, text, said) in enumerate(rows, 1):
            head = head_of(head, text) if isinstance(text, str) else ""
            if no != number or said != head:
                problem = f"entry {no} was changed, or one before it is missing: its head does not follow"
                findings.append(Finding(Place(self.name, f"entry {no}"), "head", problem))
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
            problem = "an entry is not written as a ledger writes it"
            raise Rejected([Finding(Place(self.name), "written", problem)])
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
            raise Unstored("this is no file and no URL of a database that grantcalc knows") from None
        except ModuleNotFoundError:
            raise Unstored("PostgreSQL needs its driver: pip install 'grantcalc[postgresql]'") from None
        if url.get_backend_name() == "sqlite":
            # A transaction of SQLite that will write must say so at once, or two may both read first and one fail.
            event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
            event.listen(engine, "connect", lambda c, _: c.execute("PRAGMA synchronous = EXTRA"))
        return engine

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        """A transaction in which this hand alone appends."""
        from sqlalchemy.exc import DBAPIError

        if not self.create and not self._is_there():
            raise Unstored(f"there is no ledger {self.name}")
        new = not self._is_there()
        try:
            with self._engine.begin() as connection:
                if new and self._is_there():  # it holds nothing yet
                    Path(str(self._engine.url.database)).chmod(0o600)
                if self._engine.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                yield connection
        except DBAPIError as failed:
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
            raise Unstored("a newer grantcalc keeps this ledger")
        return int(found)

    def _migrate(self, connection: Connection) -> None:
        version = self._version(connection)
        if not version:
            connection.exec_driver_sql("CREATE TABLE grantcalc_migrations (no INTEGER PRIMARY KEY)")
        for number, statements in enumerate(migrations(self._engine.dialect.name)[version:], version + 1):
            for statement in statements.split("\n\n"):
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql(f"INSERT INTO grantcalc_migrations VALUES ({number:d})")  # noqa: S608  # a number
