"""How many letters were issued: counted from a log by year, and as HHS has published them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date

from attrs import frozen

from grantcalc.declared import declared
from grantcalc.known import Fact, Series
from grantcalc.letters import LetterEvent, Log, by_letter, letter_data
from grantcalc.periods import federal_fiscal_year

__all__ = ["YearOfLetters", "letters_by_year", "published_letters"]


@frozen(kw_only=True, field_transformer=declared)
class YearOfLetters:
    """Letters issued in a federal fiscal year: an adult's are certifications, a child's are
    eligibility letters.

    `family` is how many of these are of family members, `withdrawn` how many were withdrawn since,
    `late` how many were known after the day that they bear, and `latest` by how many days at most.
    """

    year: int
    adults: int = 0
    children: int = 0
    interim: int = 0
    family: int = 0
    withdrawn: int = 0
    late: int = 0
    latest: int = 0

    @property
    def all(self) -> int:
        """Letters to adults and children; interim letters are apart, since another letter follows
        them."""
        return self.adults + self.children


def letters_by_year(log: Log, known: date | None = None) -> tuple[YearOfLetters, ...]:
    """The letters of a log by federal fiscal year, as known on a day."""
    family = {p.participant for p in log.people if p.family_of is not None}
    rows: dict[int, list[tuple[LetterEvent, list[LetterEvent]]]] = defaultdict(list)
    for issued, later in by_letter(log, known or log.report_date):
        rows[federal_fiscal_year(issued.day)].append((issued, later))

    def of(year: int) -> YearOfLetters:
        kinds = Counter(e.kind for e, _ in rows[year])
        lateness = [(e.published - e.day).days for e, _ in rows[year]]
        return YearOfLetters(
            year=year,
            adults=kinds["certification"],
            children=kinds["eligibility"],
            interim=kinds["interim_assistance"],
            family=sum(1 for e, _ in rows[year] if e.participant in family),
            withdrawn=sum(1 for _, later in rows[year] if any(x.event == "withdrawn" for x in later)),
            late=sum(1 for days in lateness if days > 0),
            latest=max(0, *lateness),
        )

    return tuple(of(year) for year in sorted(rows))


def published_letters(more: Iterable[tuple[int, str, Fact[int]]] = ()) -> dict[tuple[int, str], Series[int]]:
    """The published totals by federal fiscal year and group (adults, children, all), and later
    publications of them.

    A restatement is another fact of the series: the older one stays, with the day on which it was
    published.
    """
    facts: dict[tuple[int, str], list[Fact[int]]] = defaultdict(list)
    for row in letter_data()["published"]:
        first, last = date(row["year"] - 1, 10, 1), date(row["year"], 9, 30)
        for group in ("adults", "children", "all"):
            if group in row:
                facts[row["year"], group].append(Fact(row[group], first, last, letter_data()["cite"][row["cite"]]))
    for year, group, fact in more:
        facts[year, group].append(fact)
    return {key: Series(f"letters of {key[0]}, {key[1]}", years) for key, years in sorted(facts.items())}
