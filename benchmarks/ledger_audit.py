"""What `ledger verify` costs: each entry followed, and what is stored beside it compared.

    python benchmarks/ledger_audit.py          10,000 and 100,000 entries
    python benchmarks/ledger_audit.py --all    1,000,000 too

Each peak of memory is that of a process of its own. Past a limit the exit status is 1.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from attrs import evolve
from billing import KNOWN, caseload, network, participants_of

from grantcalc import Month, bill
from grantcalc.io import Store
from grantcalc.io.exchange.store_audit import audit_store
from grantcalc.ledger import Change, Posting
from grantcalc.ledger.chain import NOTHING, chain
from grantcalc.ledger.entries import bare

# "A ledger of 1 M entries verifies in memory that does not grow with it"
GROWTH = 1.1
AT_ONCE = 1000
DAY = date(2020, 1, 1)


def fill(path: Path, entries: int) -> None:
    """A ledger of postings of 1,000 changes, each of another item."""
    claim = bill(caseload(participants_of(100)), network(), Month(2019, 9), KNOWN).counted()
    store, head, no = Store(path, create=True), NOTHING, 1
    while no <= entries:
        posting = Posting(
            issuers=claim.issuers,
            through=claim.through,
            period=Month.of(DAY),
            changes=AT_ONCE,
            parties=claim.parties,
            inputs=(),
        )
        found = list(chain(head, no, DAY, [posting, *changes(claim.lines[0], no)]))
        store.append(found, head)
        head, no = found[-1].head, no + len(found)


def changes(line: object, first: int) -> Iterator[Change]:
    for n in range(AT_ONCE):
        item = evolve(bare(line), subaward=f"S-{first + n}")  # type: ignore[arg-type,type-var]
        yield Change(item, 1, 100 + n)


def measured(path: str) -> tuple[float, float]:
    """Seconds of CPU, and the peak of this process in megabytes."""
    start = process_time()
    found = audit_store(Store(path))
    assert not found.findings
    return process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    peaks = []
    for entries in (10_000, 100_000, *([1_000_000] if "--all" in sys.argv else [])):
        with TemporaryDirectory() as folder:
            fill(path := Path(folder) / "ledger.db", entries)
            with ProcessPoolExecutor(1, get_context("spawn")) as alone:
                seconds, peak = alone.submit(measured, str(path)).result()
        peaks.append(peak)
        print(f"{entries:>9,} entries: {seconds:.1f} s, {seconds / entries * 1e6:.0f} µs each, peak {peak:.0f} MB")
    growth = peaks[-1] / peaks[0]
    print(f"peak of the largest ÷ the smallest: {growth:.2f} (at most {GROWTH})")
    return int(growth > GROWTH)


if __name__ == "__main__":
    sys.exit(main())
