"""Post to a store in a process of one's own, and kill that process: `python -m tests.killed_writes
URL`.

Every fork of this process posts the same twenty entries and dies by SIGKILL before its k-th
statement, for each k until one of them finishes; and, for a file, dies in the middle of a write,
where the file may grow by so many bytes and no more. After each death the store must hold the old
ledger or the new one. Prints how many deaths there were of each.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable
from datetime import date

from sqlalchemy import event

from grantcalc import Interval, Network
from grantcalc.awards import Subaward
from grantcalc.io.exchange.store import Store
from grantcalc.known import Series
from grantcalc.ledger.ledger import Ledger


def listing(*subawards: str) -> Network:
    """An award workbook that lists these subawards: a ledger takes holds of them."""
    period = Interval(date(2020, 1, 1), date(2020, 12, 31))
    found = tuple(
        Subaward(id=id, parent="A-1", subrecipient="SUB", period=period, amount=Series("amount")) for id in subawards
    )
    return Network(report_date=date(2020, 1, 1), organizations=(), awards=(), subawards=found)


OLD = Ledger().hold("S-0", "first", date(2020, 1, 1), listing("S-0"))


def longer(ledger: Ledger, name: str, count: int = 20) -> Ledger:
    known = listing(*(f"{name}-{n}" for n in range(count)))
    for n in range(count):
        ledger = ledger.hold(f"{name}-{n}", "because " * 40, date(2020, 1, 2), known)
    return ledger


def post(where: str, before: Callable[[Store], None], name: str) -> None:
    store = Store(where)
    ledger = store.load()
    before(store)
    store.append(longer(ledger, name).entries[len(ledger.entries) :], ledger.head)


def killed(where: str, before: Callable[[Store], None], name: str) -> bool:
    """Whether a child that posts so was killed; else it finished."""
    if child := os.fork():
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    post(where, before, name)
    os._exit(0)


def at_statement(k: int) -> Callable[[Store], None]:
    """Die before the k-th statement, the commit counted as one."""

    def before(store: Store) -> None:
        left = [k]

        def count(*_: object) -> None:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(store._database.engine, "before_cursor_execute", count)
        event.listen(store._database.engine, "commit", count)

    return before


def at_size(size: int) -> Callable[[Store], None]:
    """Die in the write that would make any file larger than this."""

    def before(store: Store) -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return before


def deaths(where: str, kill: Callable[[int], Callable[[Store], None]], steps: range) -> int:
    """How many children died, each with the old ledger or the new one left behind; the last one
    must finish."""
    count = 0
    for k in steps:
        before = Store(where).load()
        died = killed(where, kill(k), f"S-{kill.__name__}-{k}")
        after = Store(where).load()
        new = longer(before, f"S-{kill.__name__}-{k}")
        assert after in ((before, new) if died else (new,)), f"step {k}: a third ledger"
        count += died
        if not died:
            return count
    raise AssertionError("every child died")


if __name__ == "__main__":
    url = sys.argv[1]
    Store(url, create=True).append(OLD.entries, Ledger().head)
    sys.stdout.write(f"{deaths(url, at_statement, range(1, 100))}\n")
    if "://" not in url:
        sys.stdout.write(f"{deaths(url, at_size, range(512, 2**20, 1024))}\n")
