"""What a ledger costs: posting a claim of 100,000 lines, and billing 120,000 lines again after one
late letter.

    python benchmarks/ledger.py

All figures are CPU time; billing and billing again are run in turns, and the median of the ratios
stands. Past a limit the exit status is 1.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

from attrs import evolve
from billing import KNOWN, caseload, network, participants_of

from grantcalc import Interval, Ledger, Month, adjust, bill
from grantcalc.eligibility import Letter
from grantcalc.io import Store

# "re-billing 120,000 lines after one late letter costs at most 1.5 times billing them, and only
# changed lines appear"
AGAIN = 1.5
# The reason of each difference takes one further bill, of the old facts, where one kind of fact
# changed.
WITH_REASONS = 5
THROUGH, LATER = Month(2019, 9), date(2019, 11, 15)


def main() -> int:
    net = network()
    for lines in (100_000,):
        claim = bill(caseload(participants_of(lines)), net, THROUGH, KNOWN)
        start = process_time()
        ledger = Ledger().post(claim)
        posted = process_time() - start
        with TemporaryDirectory() as folder:
            start = process_time()
            Store(Path(folder) / "ledger.db", create=True).append(ledger.entries, Ledger().head)
            stored = process_time() - start
        print(f"posting {len(claim.lines):,} lines: {posted:.2f} s in memory, and {stored:.2f} s into a SQLite file")

    rows = caseload(participants_of(120_000))
    late = Letter(
        participant=rows.participants[1].participant,
        kind="certification_letter",
        days=Interval(date(2019, 7, 11)),
        published=LATER,
    )
    later = evolve(rows, letters=(*rows.letters, late), report_date=LATER)
    ledger = Ledger().post(bill(rows, net, THROUGH, KNOWN))
    ledger.difference(bill(rows, net, THROUGH, KNOWN))  # what stands is summed once
    ratios, changed = [], 0
    for _ in range(5):
        start = process_time()
        once = bill(rows, net, THROUGH, KNOWN)
        billed = process_time() - start
        lines = len(once.lines)
        del once  # so that both find the same memory in use
        start = process_time()
        changed = len(ledger.difference(bill(later, net, THROUGH, LATER)))
        ratios.append((process_time() - start) / billed)
    again = median(ratios)
    print(f"{lines:,} lines billed again after one late letter: {again:.2f} times (at most {AGAIN})")
    print(f"items that changed: {changed}")
    start = process_time()
    found = adjust(ledger, later, net, THROUGH, LATER)
    reasons = (process_time() - start) / billed
    print(f"with the reason of each: {reasons:.1f} times (at most {WITH_REASONS}); {found.by_reason()}")
    return int(again > AGAIN or changed > 12 or reasons > WITH_REASONS)


if __name__ == "__main__":
    sys.exit(main())
