"""The store: nothing lost, nothing doubled, nothing changed, whoever posts at once and whenever the
power fails."""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from grantcalc import Ledger, Month, Rejected
from grantcalc.io import from_lines, to_lines
from grantcalc.io.exchange.database import Unstored, migrations
from grantcalc.io.exchange.store import StaleHead, Store
from grantcalc.ledger.chain import NOTHING
from tests.killed_writes import listing, longer
from tests.requirements import required

ROOT = Path(__file__).resolve().parent.parent
DAY = date(2020, 1, 1)
LEDGER = Ledger().hold("S-1", "a visit", DAY, listing("S-1")).release("S-1", DAY).close(Month(2019, 12), DAY)


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A store that is not there yet: the path of a file, or the URL of an empty database of its
    own."""
    if request.param == "sqlite":
        yield str(tmp_path / "ledger.db")
        return
    server = required("postgresql")
    engine = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    name = f"grantcalc_{secrets.token_hex(8)}"
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield engine.url.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def run(where: str, *statements: str) -> None:
    """Statements behind the store's back."""
    url = where if "://" in where else f"sqlite:///{where}"
    with create_engine(url, poolclass=NullPool).begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def without_triggers(where: str) -> list[str]:
    """Statements by which the owner of a database takes its triggers away."""
    on = " ON grantcalc_entries" if "://" in where else ""
    return [f"DROP TRIGGER grantcalc_entries_{name}{on}" for name in ("stay", "remain", "follow")]


def test_what_was_appended_is_loaded(where: str) -> None:
    store = Store(where, create=True)
    assert store.load() == Ledger()
    store.append(LEDGER.entries[:2], NOTHING)
    store.append(LEDGER.entries[2:], LEDGER.entries[1].head)
    store.append((), LEDGER.head)
    assert Store(where).load() == LEDGER


def test_a_stale_head_is_refused(where: str) -> None:
    """`append(entries, expected_head)` refuses a stale head."""
    store = Store(where, create=True)
    store.append(LEDGER.entries, NOTHING)
    with pytest.raises(
        StaleHead, match=r"another posting came first: the head of the ledger is .{12}, not 000000000000"
    ):
        store.append(LEDGER.entries, NOTHING)
    assert store.load() == LEDGER


def test_entries_that_do_not_follow_are_refused(where: str) -> None:
    with pytest.raises(ValueError, match="do not follow"):
        Store(where, create=True).append(LEDGER.entries[1:], NOTHING)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE grantcalc_entries SET text = 'x' WHERE no = 2",
        "DELETE FROM grantcalc_entries WHERE no = 3",
        "INSERT INTO grantcalc_entries VALUES ('', 5, 'd', 'a', 't', 'h')",
        "INSERT INTO grantcalc_entries VALUES ('', 2, 'd', 'a', 't', 'h')",
        "INSERT INTO grantcalc_entries VALUES ('another', 2, 'd', 'a', 't', 'h')",
    ],
)
def test_the_database_refuses_what_a_ledger_never_does(where: str, statement: str) -> None:
    """Triggers refuse update and delete; an entry follows the last."""
    Store(where, create=True).append(LEDGER.entries, NOTHING)
    with pytest.raises(DBAPIError):
        run(where, statement)
    if "://" in where:
        with pytest.raises(DBAPIError, match="never changed or removed"):
            run(where, "TRUNCATE grantcalc_entries")
    assert Store(where).load() == LEDGER


@pytest.mark.parametrize(
    ("statement", "entry"),
    [
        ("UPDATE grantcalc_entries SET text = replace(text, 'a visit', 'a visit!') WHERE no = 1", 1),
        ("UPDATE grantcalc_entries SET head = replace(head, substr(head, 1, 4), '0000') WHERE no = 2", 2),
        ("DELETE FROM grantcalc_entries WHERE no = 2", 2),
    ],
)
def test_whoever_takes_the_triggers_away_is_found_by_the_chain(where: str, statement: str, entry: int) -> None:
    Store(where, create=True).append(LEDGER.entries, NOTHING)
    run(where, *without_triggers(where), statement)
    with pytest.raises(Rejected) as refusal:
        Store(where).load()
    assert [f.place.sheet for f in refusal.value.findings] == [f"entry {entry}"]


@pytest.mark.slow
def test_many_hands_at_once(where: str) -> None:
    """Two processes posting at once: both succeed in order or one is told to retry, nothing lost or
    doubled."""
    Store(where, create=True).append(LEDGER.entries, NOTHING)
    code = (
        "import sys; from datetime import date; from grantcalc.io.exchange.store import Store, StaleHead\n"
        "from tests.killed_writes import listing\n"
        "where, hand, retried = sys.argv[1], sys.argv[2], 0\n"
        "known = listing(*(f'S-{hand}-{n}' for n in range(6)))\n"
        "for n in range(6):\n"
        "    while True:\n"
        "        before = Store(where).load()\n"
        "        held = before.hold(f'S-{hand}-{n}', 'x', date(2020, 1, 2), known)\n"
        "        after = held.release(f'S-{hand}-{n}', date(2020, 1, 2))\n"
        "        try:\n"
        "            Store(where).append(after.entries[len(before.entries):], before.head)\n"
        "            break\n"
        "        except StaleHead:\n"
        "            retried += 1\n"
    )
    hands = [subprocess.Popen([sys.executable, "-c", code, where, str(hand)], cwd=ROOT) for hand in range(2)]
    assert [hand.wait() for hand in hands] == [0, 0]
    ledger = Store(where).load()
    acts = [e.act for e in ledger.entries[3:]]
    assert len(acts) == 2 * 6 * 2
    assert len(set(map(repr, acts))) == len(acts)
    for one, other in zip(acts[::2], acts[1::2], strict=True):  # no hand came between the two entries of a posting
        assert one.subaward == other.subaward  # type: ignore[union-attr]


@pytest.mark.slow
def test_killed_at_any_point_it_leaves_the_old_ledger_or_the_new(where: str) -> None:
    """`kill -9` at any point of a post leaves the old state or the new."""
    command = [sys.executable, "-m", "tests.killed_writes", where]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    died = [int(line) for line in made.stdout.split()]
    assert died[0] >= 4
    if "://" not in where:
        assert died[1] >= 8


def test_the_same_entries_on_both() -> None:
    """One code path: both databases have the same migrations, by number."""
    assert len(migrations("sqlite")) == len(migrations("postgresql")) >= 1


def test_a_store_of_a_newer_grantcalc_is_left_alone(where: str) -> None:
    Store(where, create=True).append(LEDGER.entries, NOTHING)
    run(where, "INSERT INTO grantcalc_migrations VALUES (99)")
    with pytest.raises(Unstored, match="a newer version of grantcalc wrote this ledger"):
        Store(where).load()


def test_what_is_no_store_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unstored, match=r"there is no ledger nowhere\.db"):
        Store(tmp_path / "nowhere.db").load()
    assert not (tmp_path / "nowhere.db").exists()
    (tmp_path / "text.db").write_text("no database" * 100, "utf-8")
    with pytest.raises(Unstored, match="file is not a database"):
        Store(tmp_path / "text.db").load()
    with pytest.raises(Unstored, match="a SQLite file or a PostgreSQL database"):
        Store("mysql+pymysql://somebody:secret@host/ledger").load()
    with pytest.raises(Unstored) as refusal:
        Store("postgresql+psycopg://somebody:secret@127.0.0.1:1/ledger").load()
    assert "secret" not in str(refusal.value)


def test_another_program_may_read_the_file(tmp_path: Path) -> None:
    """What the file says is plain: numbers, days, JSON and heads."""
    Store(path := tmp_path / "ledger.db", create=True).append(LEDGER.entries, NOTHING)
    with closing(sqlite3.connect(path)) as connection, connection:
        rows = connection.execute("SELECT no, posted, text, head FROM grantcalc_entries ORDER BY no").fetchall()
    connection.close()
    assert [(no, posted) for no, posted, _, _ in rows] == [(1, "2020-01-01"), (2, "2020-01-01"), (3, "2020-01-01")]
    assert rows[2][2].endswith('"act":"closed","month":"2019-12"}')


def test_a_long_ledger_is_loaded_whole(tmp_path: Path) -> None:
    ledger = longer(LEDGER, "S-many", 300)
    Store(path := tmp_path / "ledger.db", create=True).append(ledger.entries, NOTHING)
    assert Store(path).load() == ledger
    assert path.stat().st_size < 600_000


def test_a_ledger_of_format_1_takes_entries_of_format_2(tmp_path: Path) -> None:
    """What is stored keeps its bytes; what is added is of format 2, in a ledger that an older
    grantcalc refuses."""
    where = str(shutil.copy(Path(__file__).parent / "data" / "0.1.0" / "ledger.db", tmp_path / "ledger.db"))
    store, old = Store(where), Store(where).load()
    more = old.hold("S-A", "a visit", date(2013, 4, 1))
    store.append(more.entries[len(old.entries) :], old.head)
    found = store.load()
    assert found == more
    assert [e.text for e in found.entries[:-1]] == [e.text for e in old.entries]
    assert json.loads(found.entries[-1].text)["format"] == 2
    with closing(sqlite3.connect(where)) as connection, connection:
        assert connection.execute("SELECT MAX(no) FROM grantcalc_migrations").fetchone() == (3,)
    assert from_lines(to_lines(found).encode()) == found


@pytest.mark.parametrize("where", ["postgresql://me:sesame@host/db", "postgresql://host/db?password=sesame"])
def test_no_password_is_shown(where: str) -> None:
    """A URL may hold a password, which a notebook's or a log's text of the store leaves out."""
    assert repr(Store(where)) == "Store(where='postgresql://…', create=False, ledger='')"
