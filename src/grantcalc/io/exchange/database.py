"""The database of ledgers: how it is opened, how a transaction begins, and which schema it has.

A SQLite file and a PostgreSQL database have the same tables, by numbered migrations. What 0.1.0
made, one table for one ledger, is read as it is, and is taken over into the table of several
ledgers by the first append.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define

from grantcalc.errors import Finding, GrantcalcError, Place, Rejected
from grantcalc.files import printable

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_LOCK = 0x6772616E  # of PostgreSQL: one hand at a time migrates or appends
_MIGRATIONS = files("grantcalc.io.exchange") / "migrations"
TABLES = 3
"""The migration that made the table of several ledgers: a new database begins with it."""


def migrations(database: str) -> list[str]:
    """The numbered migrations for `sqlite` or `postgresql`, as SQL. One that was released is never
    edited: add the next."""
    names = sorted(x.name for x in _MIGRATIONS.iterdir() if x.name.endswith(f".{database}.sql"))
    return [(_MIGRATIONS / name).read_text("utf-8") for name in names]


@define(eq=False)
class Unstored(GrantcalcError):
    """A store that cannot be used, with the reason in a sentence. Nothing was changed."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@define(slots=False)
class Database:
    """A database: the path of a SQLite file, or the URL of a PostgreSQL database."""

    where: str

    @property
    def name(self) -> str:
        """The file's name, or the database's, without the password that a URL may hold."""
        return str(self.engine.url.database).rsplit("/", 1)[-1]

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @cached_property
    def engine(self) -> Engine:
        """The engine of SQLAlchemy, which opens a connection for each transaction."""
        from sqlalchemy import create_engine, event
        from sqlalchemy.engine import URL, make_url
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError
        from sqlalchemy.pool import NullPool

        try:
            url = make_url(self.where) if "://" in self.where else URL.create("sqlite", database=self.where)
            if url.get_backend_name() not in ("sqlite", "postgresql"):
                raise Unstored("a ledger is kept in a SQLite file or a PostgreSQL database")
            if url.get_backend_name() == "sqlite" and (url.database in (None, "", ":memory:") or url.query):
                raise Unstored("a ledger is kept in a file, not in memory: name a file")
            arguments: dict[str, Any] = {"isolation_level": None, "timeout": 30} if url.drivername == "sqlite" else {}
            engine = create_engine(url, poolclass=NullPool, connect_args=arguments)
        except (ArgumentError, NoSuchModuleError):
            raise Unstored("this is no file and no URL of a database that grantcalc knows") from None
        except ModuleNotFoundError:
            raise Unstored("PostgreSQL needs its driver: pip install 'grantcalc[postgresql]'") from None
        if url.get_backend_name() == "sqlite":
            event.listen(engine, "connect", lambda connection, _: _prepare(connection))
        return engine

    def is_there(self) -> bool:
        """Whether the file is there; a database on a server is taken to be."""
        return self.kind != "sqlite" or Path(str(self.engine.url.database)).is_file()

    @contextmanager
    def begun(self, *, to_write: bool = False) -> Iterator[Connection]:
        """A transaction; `to_write` one in which this hand alone appends. `Unstored` where the
        database fails."""
        from sqlalchemy.exc import DBAPIError

        new = not self.is_there()
        try:
            with self.engine.begin() as connection:
                if new and self.is_there():  # it holds nothing yet
                    Path(str(self.engine.url.database)).chmod(0o600)
                if self.kind == "sqlite":
                    # Whoever will write must say so at once, or two may both read first and one
                    # fail.
                    connection.exec_driver_sql("BEGIN IMMEDIATE" if to_write else "BEGIN")
                elif to_write:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                yield connection
        except DBAPIError as failed:
            if getattr(failed.orig, "sqlite_errorname", "") == "SQLITE_BUSY":
                problem = f"another command is changing the ledger {self.name}"
                raise Unstored(f"{problem}: try again when it has ended") from None
            said = str(failed.orig).splitlines()[0] if failed.orig else ""
            said = said if said and printable(said) else "the database failed"
            raise Unstored(f"the store of this ledger cannot be used: {said}") from None
        except UnicodeDecodeError:  # of a damaged file SQLite repeats what it read, whatever that was
            raise Unstored("the store of this ledger cannot be used: it is damaged") from None

    def version(self, connection: Connection) -> int:
        """How many migrations the database has had; 0 where it has no ledger. `Rejected` where the
        table that says so was removed or edited."""
        from sqlalchemy import inspect

        tables, numbers = {*inspect(connection).get_table_names()}, list[object]()
        if "grantcalc_migrations" in tables:
            numbers = [*connection.exec_driver_sql("SELECT no FROM grantcalc_migrations ORDER BY no").scalars()]
        if any(isinstance(no, int) and no > len(migrations(self.kind)) for no in numbers):
            raise Unstored("a newer version of grantcalc wrote this ledger")
        kept = TABLES if "grantcalc_entries" in tables else 1 if self._is_old(connection, tables) else 0
        if numbers != [*range(1, len(numbers) + 1)] or (kept and not kept <= len(numbers)) or (numbers and not kept):
            problem = "the list of migrations was removed or edited, and what the ledger holds is not what it says"
            raise Rejected(
                [Finding(place=Place(self.name, "grantcalc_migrations"), cause="migrations", problem=problem)]
            )
        return len(numbers)

    def _is_old(self, connection: Connection, tables: set[str]) -> bool:
        from sqlalchemy import inspect

        if "entries" not in tables:
            return False
        return {c["name"] for c in inspect(connection).get_columns("entries")} == {"no", "posted", "text", "head"}

    def migrate(self, connection: Connection) -> bool:
        """Bring the schema up to this version. Whether entries of an older one, in the table
        `entries`, are to be taken over."""
        version, known = self.version(connection), migrations(self.kind)
        if not version:
            connection.exec_driver_sql("CREATE TABLE grantcalc_migrations (no INTEGER PRIMARY KEY)")
        for number in range(version + 1, len(known) + 1):
            if version or number >= TABLES:
                for statement in known[number - 1].split("\n\n"):
                    connection.exec_driver_sql(statement)
            connection.exec_driver_sql(f"INSERT INTO grantcalc_migrations VALUES ({number:d})")  # noqa: S608  # a number
        return 0 < version < TABLES

    def drop_old(self, connection: Connection) -> None:
        """Remove the table of an older schema, once its entries were taken over."""
        connection.exec_driver_sql("DROP TABLE entries")
        if self.kind == "postgresql":
            connection.exec_driver_sql("DROP FUNCTION entries_stay(), entries_follow()")

    def __reduce__(self) -> tuple[type[Database], tuple[str]]:
        """What it was made from. Its connections belong to one process, and are not copied."""
        return Database, (self.where,)


def _prepare(connection: Any) -> None:
    connection.execute("PRAGMA synchronous = EXTRA")
    # bytes that are not UTF-8 are read as marks, so that the entry that has them can be named
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
