"""What billing costs: `bill` beside a plain Decimal loop, one participant's year, and growth with
the number of lines.

    python benchmarks/billing.py          up to 100,000 lines
    python benchmarks/billing.py --all    up to 1,000,000 lines, a minute or two

All figures are CPU time. What is compared is run in turns, and the median of the ratios stands; of
growth, the least of several runs. Past a limit the exit status is 1.
"""

from __future__ import annotations

import argparse
import gc
import resource
import sys
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from multiprocessing import get_context
from statistics import median
from time import process_time
from typing import Any

from grantcalc import Caseload, Claim, Interval, Month, Network, Participant, bill
from grantcalc.awards import Award, BudgetPeriod, Organization, Subaward
from grantcalc.billing import Enrollment, Household, Registration
from grantcalc.eligibility import Letter
from grantcalc.known import Fact, Series
from grantcalc.money import Cents
from grantcalc.provenance import Authority
from grantcalc.terms import Filling, fill_terms, load_terms

# "`bill` on 100,000 lines in memory, each line explainable, takes at most 7 times the CPU of a
# plain Decimal loop that keeps a tuple per line, in the same run"
TIMES_A_PLAIN_LOOP = 7
# "one participant's year billed and explained in under 1 ms"
A_YEAR = 0.001
# "time and memory linear from 1,000 to 1,000,000 lines": each further line between the two largest
# sizes costs at most so many times one between the two smallest, where something quadratic would
# cost 10 or 100 times as much. (Not 1: more lines fit the processor's caches less, and Python looks
# through them for garbage.)
LINEAR = 2

YEAR = Interval(date(2018, 10, 1), date(2019, 9, 30))
KNOWN = date(2019, 10, 15)
ILLUSTRATIVE = Authority("illustrative: no monthly rate of this program was ever published")
RATES = {"certified": "190.00", "interim": "195.50", "pre_certification": "201.25"}
CHOICES = {"count": "actual_days", "window": "budget_period", "family": "on_any_day", "base": "authorized"}


# --- what is billed ---


def network() -> Network:
    """One award under the TVAP 2018 terms, and one subaward with room enough."""
    rates = {f"rate.{phase}": Decimal(rate) for phase, rate in RATES.items()}
    filled = [
        Filling(term=k, value=v, effective=YEAR.start, published=YEAR.start, authority=ILLUSTRATIVE)
        for k, v in (CHOICES | rates).items()
    ]
    terms = fill_terms(load_terms("tvap-2018"), filled)
    obligated = Series("obligated", (Fact(Cents(10**12), YEAR.start, YEAR.start, ILLUSTRATIVE),))
    award = Award(
        fain="90ZV0101",
        recipient="R",
        agency="HHS",
        listing="93.598",
        awarded=YEAR.start,
        period=YEAR,
        terms=terms,
        budget_periods=(BudgetPeriod("FY2019", YEAR, obligated),),
    )
    organizations = (
        Organization(id="R", name="Recipient", state="VA"),
        Organization(id="S", name="Subrecipient", state="TX"),
    )
    return Network(
        report_date=KNOWN,
        organizations=organizations,
        awards=(award,),
        subawards=(Subaward(id="S-1", parent=award.fain, subrecipient="S", period=YEAR, amount=obligated),),
    )


def caseload(participants: int) -> Caseload:
    """A year each from a day of October, 12 lines; every third has a letter in spring, and 13 lines
    or, from the first of a month, 12; some have family. Whoever stays without a letter from 1
    October on reaches a ceiling."""
    people = [Participant("S", f"P{k:07d}") for k in range(participants)]
    return Caseload(
        issuer="S",
        report_date=KNOWN,
        participants=tuple(Registration(p) for p in people),
        letters=tuple(
            Letter(
                participant=p,
                kind="certification_letter",
                days=Interval(date(2019, 2 + k % 4, 1 + k % 25)),
                published=KNOWN,
            )
            for k, p in enumerate(people)
            if k % 3 == 0
        ),
        households=tuple(
            Household(participant=p, days=YEAR, family=2, published=KNOWN) for k, p in enumerate(people) if k % 10 == 0
        ),
        enrollments=tuple(
            Enrollment(
                participant=p,
                subaward="S-1",
                days=Interval(date(2018, 10, 1 + k % 20), None if k % 2 else YEAR.end),
                published=KNOWN,
            )
            for k, p in enumerate(people)
        ),
    )


def participants_of(lines: int) -> int:
    """How many participants have about so many lines."""
    return round(lines / 12.32)


# --- what it is compared with ---


Plain = tuple[str, int, int, str, int, int, Decimal, Decimal]


def plain_loop(rows: Caseload) -> tuple[list[Plain], Decimal]:
    """The script that a careful analyst writes for exactly these rows, in Decimal: no other policy,
    nothing refused, no ceiling, nothing that a line could say of itself."""
    cent, day = Decimal("0.01"), timedelta(1)
    rates = {phase: Decimal(rate) for phase, rate in RATES.items()}
    months = []
    for number in range(12):
        year, month = (2018, 10 + number) if number < 3 else (2019, number - 2)
        length = monthrange(year, month)[1]
        months.append((year, month, date(year, month, 1), date(year, month, length), length))
    letters = {letter.participant.pseudonym: letter.days.start for letter in rows.letters}
    lines: list[Plain] = []
    total = Decimal(0)
    for row in rows.enrollments:
        name = row.participant.pseudonym
        start, end = max(row.days.start, YEAR.start), min(row.days.last, date(2019, 9, 30))
        certified = letters.get(name, date.max)
        for year, month, first, last, length in months:
            begin, finish = max(start, first), min(end, last)
            if begin > finish:
                continue
            if certified <= begin:
                parts = [("certified", begin, finish)]
            elif certified > finish:
                parts = [("pre_certification", begin, finish)]
            else:
                parts = [("pre_certification", begin, certified - day), ("certified", certified, finish)]
            for phase, a, b in parts:
                days = (b - a).days + 1
                rate = rates[phase]
                amount = (days * rate / length).quantize(cent, ROUND_HALF_UP)
                total += amount
                lines.append((name, year, month, phase, days, length, rate, amount))
    return lines, total


def multiplications(quantities: Iterable[tuple[int, int, Decimal]]) -> list[tuple[int, int, Decimal, Decimal]]:
    """The products alone, where someone else has found the days, the month and the rate of each
    line."""
    cent = Decimal("0.01")
    return [(days, of, rate, (days * rate / of).quantize(cent, ROUND_HALF_UP)) for days, of, rate in quantities]


# --- measuring ---


def cpu(task: Callable[[], Any]) -> float:
    """Seconds of CPU of one run; what it gives is cleared away outside them."""
    begin = process_time()
    kept = task()
    took = process_time() - begin
    del kept
    return took


def cpu_alone(task: Callable[[], Any]) -> float:
    """The same, with no garbage of others to collect meanwhile."""
    gc.collect()
    return cpu(task)


def beside_a_plain_loop(lines: int = 100_000, rounds: int = 7) -> Iterator[bool]:
    rows, award = caseload(participants_of(lines)), network()
    claim = bill(rows, award, Month(2019, 9))
    quantities = [(x.quantity, x.divisor, x.rate.value.value) for x in claim.lines if x.rate]
    same(claim, rows, quantities)
    print(f"{len(claim.lines):,} lines, {len(claim.reductions):,} of them held back in part; each explained")
    del claim
    ours, loop, product = [], [], []
    for _ in range(rounds):
        ours.append(cpu_alone(lambda: bill(rows, award, Month(2019, 9))))
        loop.append(cpu_alone(lambda: plain_loop(rows)))
        product.append(cpu_alone(lambda: multiplications(quantities)))
    for name, took in (("bill", ours), ("plain Decimal loop", loop), ("its multiplications alone", product)):
        print(f"  {name:26}{1e6 * median(took) / len(quantities):7.2f} µs a line")
    alone = median(a / b for a, b in zip(ours, product, strict=True))
    print(f"  bill ÷ multiplications alone {alone:.1f} (no limit: they read no rows and find no days, phase or rate)")
    ratio = median(a / b for a, b in zip(ours, loop, strict=True))
    yield within("bill ÷ plain Decimal loop", ratio, TIMES_A_PLAIN_LOOP)


def same(claim: Claim, rows: Caseload, quantities: list[tuple[int, int, Decimal]]) -> None:
    """Each line explains its amount, and both peers come to the same amounts."""
    lines, total = plain_loop(rows)
    assert claim.earned.amount == total
    assert len(claim.lines) == len(lines)
    for x, (name, year, month, phase, days, of, rate, amount) in zip(claim.lines, lines, strict=True):
        assert x.participant
        assert x.rate
        assert (x.participant.pseudonym, x.month, x.phase) == (name, Month(year, month), phase)
        assert (x.quantity, x.divisor, x.rate.value.value, x.money.amount) == (days, of, rate, amount)
    assert [amount for *_, amount in multiplications(quantities)] == [amount for *_, amount in lines]
    assert all(f" = {x.money.amount:,.2f} (Rulebook 5.1)" in x.explain() for x in claim.lines)


def one_year(rounds: int = 1000) -> Iterator[bool]:
    rows, award = caseload(1), network()

    def billed_and_explained() -> list[str]:
        claim = bill(rows, award, Month(2019, 9))
        return [*(x.explain() for x in claim.lines), *(x.explain() for x in claim.reductions)]

    print(f"one participant's year: {len(billed_and_explained())} explanations")
    took = 1000 * median(cpu(billed_and_explained) for _ in range(rounds))
    yield within("billed and explained, in ms", took, 1000 * A_YEAR)


def growth(sizes: list[int], rounds: int = 3) -> Iterator[bool]:
    """Each run in a process of its own, since a process never gives its peak back; the least that
    it ever took."""
    runs: dict[int, list[tuple[float, int]]] = {size: [] for size in sizes}
    for _ in range(rounds):
        for size in sizes:
            with ProcessPoolExecutor(1, get_context("spawn")) as process:
                runs[size].append(process.submit(cost, size).result())
    seconds, memory = ({size: min(run[k] for run in runs[size]) for size in sizes} for k in (0, 1))
    print("growth with the number of lines")
    for size in sizes:
        print(f"  {size:9,} lines: {1e6 * seconds[size] / size:6.2f} µs a line, peak {memory[size] / 2**20:6.1f} MiB")
    for what, total in (("CPU time", seconds), ("peak memory", memory)):
        further = [(total[b] - total[a]) / (b - a) for a, b in pairwise(sizes)]
        yield within(f"{what} of a further line, largest ÷ smallest sizes", further[-1] / further[0], LINEAR)


def cost(lines: int) -> tuple[float, int]:
    """Of billing so many lines: seconds of CPU, and the peak of resident memory, caseload and all,
    in bytes."""
    rows, award = caseload(participants_of(lines)), network()
    took = [cpu_alone(lambda: bill(rows, award, Month(2019, 9)))]
    most = peak()
    while len(took) * lines < 100_000:
        took.append(cpu_alone(lambda: bill(rows, award, Month(2019, 9))))
    return min(took), most


def peak() -> int:
    """The most memory that this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def within(what: str, figure: float, limit: float) -> bool:
    print(f"  {what} {figure:.2f}, at most {limit:g}{'' if figure <= limit else ': PAST ITS LIMIT'}")
    return figure <= limit


def main() -> int:
    arguments = argparse.ArgumentParser(description="What billing costs.")
    arguments.add_argument("--all", action="store_true", help="grow to 1,000,000 lines; takes a minute or two")
    sizes = [1_000, 10_000, 100_000, *([1_000_000] if arguments.parse_args().all else [])]
    # growth comes first: a new process counts its parent's memory of that moment as a peak of its
    # own
    held = [*growth(sizes), *beside_a_plain_loop(), *one_year()]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
