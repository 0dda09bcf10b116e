"""Write every workbook of the examples anew: `python examples/generate.py`.

The same files each time: chance is seeded and the clock is never read. The terms (.toml) beside the workbooks
are written by hand. README.md says what is real, what is derived and what is invented.
"""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from attrs import define, field, frozen

from grantcalc.io.intake.templates import BookKind, write_input
from grantcalc.periods import Month
from grantcalc.xlsx.package import CUSTOM, pack, save

T = TypeVar("T")
Row = dict[str, Any]
Rows = list[Row]
HERE = Path(__file__).parent


def write_all(folder: Path) -> list[Path]:
    """Every workbook of the examples, under `folder`; gives their paths in order."""
    tvap, grant, partner = folder / "tvap-fy2012", folder / "matching-grant-2007", folder / "regional-partner-2026"
    beside = [write_bad(folder), write_directory(folder / "hotline")]
    return [*write_tvap(tvap), *write_matching_grant(grant), *write_partner(partner), *beside]


def write(kind: BookKind, path: Path, sheets: Mapping[str, Rows], created: date, title: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_input(kind, sheets, path, created=created, title=title)
    return path


def table(keys: str, *rows: Sequence[object], **same: object) -> Rows:
    """The rows of a sheet: values under column keys, and what is the same in each row."""
    return [{**dict(zip(keys.split(), row, strict=True)), **same} for row in rows]


def dollars(whole: int | None) -> Decimal | None:
    return None if whole is None else cents(100 * whole)


def cents(number: int) -> Decimal:
    return Decimal(number).scaleb(-2)


def days(number: int) -> timedelta:
    return timedelta(days=number)


# ---- (a) TVAP in fiscal year 2012, illustrative ------------------------------------------------------------

ILLUSTRATIVE = "ILLUSTRATIVE: invented figures and pseudonyms, no real person"
FIRST, LAST, KNOWN, REPORT = date(2011, 10, 1), date(2012, 9, 30), date(2011, 9, 30), date(2012, 10, 15)


@frozen
class Grantee:
    """A recipient and its regions as the public page names them; number, dollars and terms are invented."""

    id: str
    name: str
    fain: str
    amount: int
    regions: tuple[int, ...]
    terms: Mapping[str, object]


@frozen
class Site:
    """An invented subrecipient: its State, how many it serves, its subawards with first day and dollars."""

    letter: str
    state: str
    fain: str
    people: int
    subawards: tuple[tuple[str, date, int | None], ...]

    @property
    def id(self) -> str:
        return f"SUB-{self.letter}"


ONE, TWO, THREE = "90ZV-ILL-1", "90ZV-ILL-2", "90ZV-ILL-3"
YEARLY = {"window": "budget_period", "family": "on_any_day", "base": "authorized"}
GRANTEES = (
    Grantee(
        "USCRI",
        "U.S. Committee for Refugees and Immigrants (USCRI)",
        ONE,
        1_000_000,
        (3, 6, 7, 8, 9, 10),
        {
            "count": "actual_days",
            "months.pre_certification": 9,
            **YEARLY,
            "rate.certified": 250,
            "rate.interim": 275,
            "rate.pre_certification": 300,
        },
    ),
    Grantee(
        "HEARTLAND",
        "Heartland Human Care Services",
        TWO,
        620_000,
        (1, 2, 5),
        {
            "count": "mid_month",
            "payee": "last",
            "phase_of_month": "better_paid",
            "months.certified": 6,
            **YEARLY,
            "rate.certified": 240,
            "rate.interim": 265,
            "rate.pre_certification": 310,
        },
    ),
    Grantee(
        "TAPESTRI",
        "Tapestri, Inc.",
        THREE,
        160_000,
        (4,),
        {
            "count": "thirty_days",
            "base": "claimed",
            "window": "federal_fiscal_year",
            "family": "on_service_date",
            "rate.certified": 255,
            "rate.interim": 280,
            "rate.pre_certification": 305,
        },
    ),
)
SITES = (
    Site("A", "VA", ONE, 48, (("S-A", FIRST, 130_000),)),
    Site("B", "TX", ONE, 72, (("S-B1", FIRST, 140_000), ("S-B2", date(2012, 2, 16), 40_000))),
    Site("C", "LA", ONE, 40, (("S-C", FIRST, 105_000),)),
    Site("D", "MO", ONE, 30, (("S-D", FIRST, 75_000),)),
    Site("E", "CO", ONE, 32, (("S-E", FIRST, 100_000),)),
    Site("F", "CA", ONE, 84, (("S-F1", FIRST, 130_000), ("S-F2", FIRST, 120_000))),
    Site("G", "GU", ONE, 14, (("S-G", date(2011, 12, 1), 40_000),)),
    Site("H", "WA", ONE, 36, (("S-H", FIRST, 90_000),)),
    Site("I", "MA", TWO, 34, (("S-I", FIRST, 120_000),)),
    Site("J", "NY", TWO, 66, (("S-J", FIRST, 220_000),)),
    Site("K", "PR", TWO, 22, (("S-K", FIRST, None),)),
    Site("L", "IL", TWO, 62, (("S-L1", FIRST, 100_000), ("S-L2", FIRST, 100_000))),
    Site("M", "GA", THREE, 36, (("S-M", FIRST, 95_000),)),
    Site("N", "FL", THREE, 24, (("S-N", FIRST, 60_000),)),
)
RAISED = {"S-A": 160_000, "S-B1": 170_000, "S-C": 130_000, "S-F1": 140_000, "S-F2": 145_000, "S-H": 115_000}
"""New totals of subawards once the award above them was raised. S-D was not, and its amount binds."""


def write_tvap(folder: Path) -> Iterator[Path]:
    """The award workbook of three recipients in ten regions, and the caseload of each subrecipient."""
    title = "Awards of three recipients (illustrative)"
    yield write("award", folder / "award.xlsx", award_sheets(), REPORT, title)
    for seed, site in enumerate(SITES, 2012):
        path = folder / f"caseload-{site.id}.xlsx"
        title = f"Caseload of subrecipient {site.letter} (illustrative)"
        yield write("caseload", path, caseload_sheets(site, Dice(seed)), REPORT, title)


def award_sheets() -> dict[str, Rows]:
    year = {"start": FIRST, "end": LAST}
    april = date(2012, 4, 1)
    award = {"agency": "HHS/ACF", "listing": "93.598", "awarded": KNOWN}
    terms, name = "tvap-fy2012-illustrative.toml", "Subrecipient {} (illustrative)".format
    letter, amended = "Award letter (illustrative)", "Amended award letter (illustrative)"
    return {
        "Document": table("issuer report_date label", ("AWARDS-FY2012", REPORT, ILLUSTRATIVE)),
        "Organizations": [
            *table("id name", *((g.id, g.name) for g in GRANTEES)),
            *table("id name state", *((s.id, name(s.letter), s.state) for s in SITES)),
        ],
        "Awards": table("fain recipient terms", *((g.fain, g.id, terms) for g in GRANTEES), **award, **year),
        "Budget periods": table(
            "fain label amount", *((g.fain, "FY2012", dollars(g.amount)) for g in GRANTEES), **year
        ),
        "Subawards": table(
            "id parent subrecipient start amount",
            *((id, s.fain, s.id, first, dollars(amount)) for s in SITES for id, first, amount in s.subawards),
            end=LAST,
        ),
        "Amendments": table(
            "of label amount published",
            (ONE, "FY2012", dollars(1_150_000), date(2012, 4, 13)),
            *((id, None, dollars(amount), date(2012, 4, 27)) for id, amount in RAISED.items()),
            reference="1",
            effective=april,
        ),
        "Areas": table(
            "holder place serves",
            *((g.fain, f"Region {n}", "yes") for g in GRANTEES for n in g.regions),
            effective=FIRST,
            published=KNOWN,
        ),
        "Terms": table(
            "fain term value effective published source",
            *((g.fain, key, value, FIRST, KNOWN, letter) for g in GRANTEES for key, value in g.terms.items()),
            (ONE, "rate.certified", 265, april, date(2012, 5, 21), amended),
        ),
    }


# ---- the caseload of a subrecipient ----

CATEGORIES = (
    ("food", 45, 180),
    ("food", 45, 180),
    ("clothing", 30, 140),
    ("shelter", 250, 750),
    ("housing", 300, 900),
    ("employability", 40, 200),
    ("mental_health", 80, 160),
    ("medical", 40, 420),
    ("legal", 100, 550),
    ("other", 10, 90),
)
"""The categories of the terms, and between how many dollars a cost lies (invented)."""


class Dice:
    """Seeded chance, from `random()` alone, whose sequence Python promises to keep in later versions."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random

    def below(self, n: int) -> int:
        return int(self._random() * n)

    def between(self, low: int, high: int) -> int:
        return low + self.below(high - low + 1)

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent

    def one_of(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def known(self, day: date, *, late: int = 7) -> date | None:
        """When a fact of a day was first known: days later, or months later, or (empty) with the report."""
        if self.chance(4):
            return None
        return min(day + days(self.between(40, 150) if self.chance(late) else self.below(9)), REPORT)


@frozen
class Stay:
    """Days on which a participant is enrolled at one subaward."""

    subaward: str
    first: date
    last: date | None


@define
class Sheets:
    """The rows of a caseload workbook as they come about."""

    participants: Rows = field(factory=list)
    letters: Rows = field(factory=list)
    households: Rows = field(factory=list)
    enrollment: Rows = field(factory=list)
    costs: Rows = field(factory=list)


def caseload_sheets(site: Site, dice: Dice) -> dict[str, Rows]:
    sheets = Sheets()
    for number in range(1, site.people + 1):
        who = {"participant": f"P-{number:04d}"}
        child = dice.chance(25)
        sheets.participants.append({**who, "age_group": "child" if child else "adult"})
        stays = list(stays_of(site, dice))
        for stay in stays:
            row = {**who, "subaward": stay.subaward, "start": stay.first, "end": stay.last}
            sheets.enrollment.append({**row, "published": dice.known(stay.first)})
        sheets.letters += [{**who, **row} for row in letters(child, stays[0].first, dice)]
        sheets.households += [{**who, **row} for row in households(stays[0].first, dice)]
        sheets.costs += [{**who, **row} for row in costs(site, stays, dice)]
    for number, row in enumerate(sheets.costs, 1):
        row["reference"] = f"V-{number:05d}"
    return {
        "Document": table("issuer report_date label", (site.id, REPORT, ILLUSTRATIVE)),
        "Participants": sheets.participants,
        "Letters": sheets.letters,
        "Households": sheets.households,
        "Enrollment": sheets.enrollment,
        "Costs": sheets.costs,
    }


def stays_of(site: Site, dice: Dice) -> Iterator[Stay]:
    """Open or closed; some since before the year, some with a gap, some moved to the other subaward."""
    start = date(2011, 7, 1) + days(dice.below(430))
    end = None if dice.chance(45) else start + days(dice.between(25, 300))
    end = None if end and end > LAST else end
    at = dice.one_of([id for id, first, _ in site.subawards if first <= max(start, site.subawards[0][1])])
    others = [(id, first) for id, first, _ in site.subawards if id != at]
    if others and dice.chance(25):
        other, first = others[0]
        move = max(start, first) + days(dice.between(5, 120))
        if move < (end or LAST):
            yield Stay(at, start, move - days(1))
            at, start = other, move
    yield Stay(at, start, end)
    if end and dice.chance(25):
        back = end + days(dice.between(10, 75))
        if back < LAST:
            yield Stay(at, back, None)


def letters(child: bool, start: date, dice: Dice) -> Iterator[Row]:
    """A child may have an Interim Assistance Letter of 90 days or of 30 more, then its Eligibility Letter; an
    adult a Certification Letter, which may end with Continued Presence. Some come late, some never."""
    day = start + days(dice.between(-40, 150))
    if child and dice.chance(70):
        interim = start + days(dice.between(3, 40))
        ends = interim + days(119 if dice.chance(30) else 89)
        yield from letter("interim_assistance_letter", interim, ends, dice)
        day = interim + days(dice.between(50, 130))
    if dice.chance(75):
        last = day + days(dice.between(60, 200)) if not child and dice.chance(12) else None
        yield from letter("eligibility_letter" if child else "certification_letter", day, last, dice)


def letter(kind: str, day: date, end: date | None, dice: Dice) -> Iterator[Row]:
    if day < date(2012, 10, 5):  # one of a later day is not known yet
        yield {"kind": kind, "start": day, "end": end, "published": dice.known(day, late=12)}


def households(start: date, dice: Dice) -> Iterator[Row]:
    """One participant in three has family in the household, some from a later day, some for a time."""
    if dice.chance(35):
        first = start + days(dice.between(20, 160) if dice.chance(45) else 0)
        last = first + days(dice.between(40, 200)) if dice.chance(20) else None
        if first < LAST:
            yield {"start": first, "end": last, "family": dice.between(1, 4), "published": dice.known(first)}


def costs(site: Site, stays: Sequence[Stay], dice: Dice) -> Iterator[Row]:
    """Costs month by month: most need little, some much. A few are of several months, a few are credited."""
    most = dice.one_of((1, 1, 1, 1, 2, 2, 2, 3, 4, 5))
    for stay in stays:
        opened = next(first for id, first, _ in site.subawards if id == stay.subaward)
        first, last = max(stay.first, opened), min(stay.last or LAST, LAST)
        month = Month.of(first)
        while month.first <= last:
            inside = (max(month.first, first), min(month.last, last))
            for _ in range(dice.below(most + 1)):
                yield from cost(stay.subaward, month, inside, Month.of(last), dice)
            month = month.plus(1)


def cost(subaward: str, month: Month, inside: tuple[date, date], last: Month, dice: Dice) -> Iterator[Row]:
    category, low, high = dice.one_of(CATEGORIES)
    amount = dice.between(100 * low, 100 * high)
    paid = inside[0] + days(dice.below((inside[1] - inside[0]).days + 1))
    row: Row = {"subaward": subaward, "service": "participant_expenses", "category": category, "paid": paid}
    row |= {"amount": cents(amount), "published": dice.known(paid, late=5)}
    ends = month.plus(dice.between(1, 3))
    if category == "shelter" and ends <= last and dice.chance(50):
        row |= {"amount": cents(amount * (ends.number - month.number + 1)), "months": f"{month} to {ends}"}
    elif dice.chance(25):  # paid after the month, of which the row then tells
        paid = min(month.last + days(dice.between(1, 12)), REPORT - days(3))
        row |= {"paid": paid, "months": str(month), "published": dice.known(paid, late=5)}
    yield row
    if "months" not in row and dice.chance(4):
        back = min(paid + days(dice.between(10, 45)), REPORT - days(1))
        credit = {"amount": cents(-dice.between(500, amount)), "paid": back, "months": str(month)}
        yield {**row, **credit, "published": dice.known(back)}


# ---- (b) the Matching Grant of 2007 ------------------------------------------------------------------------

PUBLISHED_2007 = (
    12_623_600,
    16_981_800,
    3_799_400,
    3_350_600,
    7_513_000,
    1_755_600,
    4_411_000,
    8_245_600,
    1_317_800,
)
"""The nine awards of 2007 in dollars, as published; they sum to 59,998,400."""
DERIVED = "Award amounts of 2007 as published; counts derived from them (amount ÷ 2,200)"


def write_matching_grant(folder: Path) -> Iterator[Path]:
    """The nine awards, and the number of clients that each amount pays for."""
    first, last = date(2007, 1, 1), date(2007, 12, 31)
    year = {"start": first, "end": last}
    award = {"agency": "HHS/ACF/ORR", "listing": "93.567", "awarded": first}
    document = table("issuer report_date label", ("MATCHING-GRANT-2007", last, DERIVED))
    terms, name = "matching-grant-2007.toml", "Matching Grant recipient {} (its name is in the public listing)"
    grants = [(f"MG-2007-{n}", f"MG-{n}", name.format(n), amount) for n, amount in enumerate(PUBLISHED_2007, 1)]
    awards = {
        "Document": document,
        "Organizations": table("id name", *((id, name) for _, id, name, _ in grants)),
        "Awards": table("fain recipient terms", *((n, id, terms) for n, id, _, _ in grants), **award, **year),
        "Budget periods": table(
            "fain label amount", *((fain, "2007", dollars(amount)) for fain, _, _, amount in grants), **year
        ),
    }
    yield write("award", folder / "award.xlsx", awards, last, "Matching Grant, awards of 2007")
    each = {"service": "enrollment", "month": "2007-12"}
    for fain, id, _, amount in grants:
        document = table("issuer report_date label", (id, last, DERIVED))
        sheets = {"Document": document, "Counts": table("subaward quantity", (fain, amount // 2200), **each)}
        path = folder / f"counts-{id}.xlsx"
        yield write("caseload", path, sheets, last, "Matching Grant, counts of 2007 (derived)")


# ---- (c) a regional partner under 2 CFR 200, illustrative ---------------------------------------------------

PARTNER, PARTNER_REPORT = "90ZV-ILL-4", date(2026, 6, 30)
INVENTED = "ILLUSTRATIVE: invented organizations, figures and days, under real rules"


def write_partner(folder: Path) -> Iterator[Path]:
    """An award made on 1 October 2025 with a few things out of order, its letters, and its outreach."""
    document = table("issuer report_date label", ("PARTNER", PARTNER_REPORT, INVENTED))
    for kind, sheets in (("award", partner_award()), ("letters", partner_letters()), ("outreach", partner_outreach())):
        title = f"A regional partner: {kind} (illustrative)"
        path, rows = folder / f"{kind}.xlsx", {"Document": document, **sheets}
        yield write(kind, path, rows, PARTNER_REPORT, title)


def partner_award() -> dict[str, Rows]:
    """S-1 is in order. S-2 was made before its UEI was given and misses two data elements; S-3 is a fixed amount above
    the limit, and is to be reported on the report date at the latest."""
    first, last = date(2025, 10, 1), date(2026, 9, 30)
    year, fain = {"start": first, "end": last}, {"fain": PARTNER}
    organizations = (
        ("PARTNER", "Regional partner (illustrative)", "ABCDEFGH1JK2", "TX"),
        ("LOCAL-1", "Local organization 1 (illustrative)", "ABCDEFGH1JK3", "TX"),
        ("LOCAL-2", "Local organization 2 (illustrative)", "ABCDEFGH1JK4", "OK"),
        ("LOCAL-3", "Local organization 3 (illustrative)", "ABCDEFGH1JK5", "TX"),
    )
    whole = {"budget_start": first, "budget_end": last, "indirect": "de_minimis", "indirect_rate": Decimal("0.15")}
    record = {
        **fain,
        "description": "Regional outreach (illustrative)",
        "research": "no",
        "contact": "office (illustrative)",
        "listing_title": "Services to victims of a severe form of trafficking",
        "indirect": "de_minimis",
        "indirect_rate": Decimal("0.15"),
        "cost_sharing": "no",
        "transfers_restricted": "yes",
        "total_budget": dollars(1_000_000),
    }
    late = {**whole, "agreement": "cost_reimbursement"}
    return {
        "Organizations": table("id name uei state", *organizations),
        "Awards": table(
            "fain recipient terms awarded",
            (PARTNER, "PARTNER", "rescue-and-restore-regional", first),
            agency="HHS/ACF",
            listing="93.598",
            **year,
        ),
        "Budget periods": table("label amount", ("2026", dollars(1_000_000)), **fain, **year),
        "Subawards": table(
            "id subrecipient amount",
            ("S-1", "LOCAL-1", dollars(60_000)),
            ("S-2", "LOCAL-2", dollars(29_999)),
            ("S-3", "LOCAL-3", dollars(510_000)),
            parent=PARTNER,
            **year,
        ),
        "Areas": table("holder place serves", (PARTNER, "TX", "yes"), ("S-2", "OK", "yes"), effective=first),
        "Award record": [record],
        "Subaward record": [
            {
                "subaward": "S-1",
                "made": date(2025, 11, 3),
                "uei_on": date(2025, 10, 20),
                "reported": date(2025, 12, 31),
                "obligated_in_all": dollars(60_000),
                "committed": dollars(60_000),
                **late,
            },
            {"subaward": "S-2", "made": date(2025, 11, 3), "uei_on": date(2025, 11, 4), **late},
            {
                "subaward": "S-3",
                "made": date(2026, 5, 18),
                "uei_on": date(2026, 5, 4),
                "agreement": "fixed_amount",
                "approved": date(2026, 5, 11),
                "obligated_in_all": dollars(510_000),
                "committed": dollars(510_000),
                **whole,
            },
        ],
        "Budget": table(
            "category amount in_mtdc",
            ("personnel", dollars(260_000), "yes"),
            ("rent", dollars(40_000), "no"),
            ("indirect", dollars(58_500), "no"),
            **fain,
        ),
        "Transfers": table(
            "on amount", (date(2026, 3, 2), dollars(60_000)), (date(2026, 5, 4), dollars(45_000)), **fain
        ),
        "Fiscal years": table(
            "organization start expended audited",
            ("PARTNER", date(2024, 9, 30), dollars(750_000), None),
            ("LOCAL-1", date(2024, 10, 1), dollars(999_999), None),
        ),
    }


def partner_letters() -> dict[str, Rows]:
    """An adult whose continued presence ended, a child with 120 days of interim assistance, a letter known late and
    withdrawn."""
    day = date(2025, 11, 12)
    return {
        "Letter log": [
            {
                "number": "L-1",
                "event": "issued",
                "day": day,
                "participant": "P-0001",
                "kind": "certification",
                "basis": "continued_presence",
                "published": day,
            },
            {
                "number": "L-2",
                "event": "issued",
                "day": day,
                "participant": "P-0002",
                "kind": "interim_assistance",
                "published": day,
            },
            {"number": "L-2", "event": "extended", "day": date(2026, 2, 2), "published": date(2026, 2, 2)},
            {
                "number": "L-3",
                "event": "issued",
                "day": date(2026, 3, 9),
                "participant": "P-0002",
                "kind": "eligibility",
                "published": date(2026, 3, 11),
            },
            {"number": "L-1", "event": "ended", "day": date(2026, 4, 30), "published": date(2026, 5, 20)},
            {
                "number": "L-4",
                "event": "issued",
                "day": date(2025, 12, 1),
                "participant": "P-0003",
                "kind": "certification",
                "basis": "t_visa",
                "published": date(2026, 2, 9),
            },
            {"number": "L-4", "event": "withdrawn", "day": date(2026, 6, 1), "published": date(2026, 6, 3)},
        ],
        "People": table("participant status", ("P-0001", "other"), ("P-0002", "other"), ("P-0003", "other")),
    }


def partner_outreach() -> dict[str, Rows]:
    """Two quarters, one of them restated, and two coalitions: one that meets every standard, one of four members."""
    first, sectors = date(2025, 10, 1), ("law_enforcement", "faith_based", "legal_assistance", "labor", "academic")
    winter, spring = date(2026, 1, 15), date(2026, 4, 14)
    figures = (
        ("2025-10", "identified", 7, winter),
        ("2025-10", "referred", 6, winter),
        ("2025-10", "coalition_activities", 3, winter),
        ("2025-10", "organizations_trained", 11, winter),
        ("2025-10", "outreach_activities", 24, winter),
        ("2026-01", "identified", 9, spring),
        ("2026-01", "referred", 9, spring),
        ("2025-10", "identified", 8, spring),
    )
    aims = {"sex": "yes", "labor": "yes", "helps_identify": "yes", "raises_numbers": "yes"}
    return {
        "Measures": table("quarter measure count published", *figures, award=PARTNER),
        "Local network": table(
            "id sector", ("LOCAL-1", "legal_assistance"), ("LOCAL-2", "social_services"), award=PARTNER, start=first
        ),
        "Coalitions": [
            {"id": "C-1", "place": "Illustrative City", "kind": "city", "state": "TX", "partner": PARTNER, **aims},
            {"id": "C-2", "place": "Illustrative State", "kind": "state", "state": "ME", **aims, "labor": None},
        ],
        "Coalition members": [
            *table("id sector", *((f"M-{n:02d}", sectors[n % 5]) for n in range(12)), coalition="C-1", start=first),
            *table("id sector", *((f"N-{n:02d}", sectors[n]) for n in range(4)), coalition="C-2", start=first),
        ],
    }


# ---- a directory, illustrative -----------------------------------------------------------------------------


def write_directory(folder: Path) -> Path:
    """Invented entries around El Paso and elsewhere; two are the invented subrecipients of Texas and New York."""
    office, both = "Mon-Fri 09:00-17:00", "English; Spanish"
    rows = table(
        "id name city state services languages hours verified",
        ("E-01", "Shelter 1", "El Paso", "TX", "shelter; food; clothing", both, "24/7", date(2012, 5, 14)),
        ("E-02", "Legal clinic 2", "El Paso", "TX", "legal", both, office, date(2012, 3, 2)),
        ("E-03", "Health center 3", "El Paso", "TX", "medical; mental_health", "Spanish", office, date(2010, 9, 7)),
        ("E-04", "Shelter 4", "El Paso", "TX", "shelter", "English", None, date(2012, 1, 20)),
        ("E-05", "Shelter 5", "Houston", "TX", "shelter; housing", f"{both}; Vietnamese", "24/7", date(2012, 4, 3)),
        ("E-06", "Shelter 6", "Dallas", "TX", "shelter", both, "Mon-Sat 08:00-20:00", date(2010, 11, 30)),
        ("E-07", "Subrecipient B", "San Antonio", "TX", "case_management; shelter", both, office, date(2012, 6, 1)),
        ("E-08", "Shelter 8", "Las Cruces", "NM", "shelter; food", both, "24/7", date(2012, 5, 2)),
        ("E-09", "Shelter 9", "New Orleans", "LA", "shelter", f"{both}; French", office, date(2012, 2, 11)),
        ("E-10", "Hotline 10", "Albuquerque", "NM", "hotline; interpretation", both, "24/7", date(2012, 7, 9)),
        ("E-11", "Shelter 11", "Columbus", "OH", "shelter", "English", "24/7", date(2012, 6, 4)),
        ("E-12", "Shelter 12", "Columbus", "GA", "shelter", both, "24/7", date(2012, 6, 5)),
        ("E-13", "Subrecipient J", "New York", "NY", "case_management", f"{both}; Mandarin", office, date(2012, 5, 30)),
        ("E-14", "Trainer 14", "El Paso", "TX", "training; awareness", both, None, date(2012, 2, 29)),
        ("E-02", "Legal clinic 2", "El Paso", "TX", "legal; interpretation", both, office, date(2012, 9, 3)),
    )
    more = {"E-07": {"organization": "SUB-B"}, "E-13": {"organization": "SUB-J"}, "E-14": {"kind": "individual"}}
    more |= {"E-08": {"serves": "Texas"}, "E-10": {"serves": "Region 6; Arizona"}}
    entries = [
        {"kind": "organization", **row, "name": f"{row['name']} (illustrative)", **more.get(row["id"], {})}
        for row in rows
    ]
    library = (
        ("L-1", "Know the signs (illustrative)", "poster", "awareness", both, date(2012, 1, 15)),
        ("L-2", "Your rights (illustrative)", "card", "legal; shelter", f"{both}; Vietnamese", date(2011, 6, 1)),
        ("L-3", "How to screen (illustrative)", "training", "training; medical", "English", date(2012, 4, 20)),
    )
    sheets = {
        "Document": table("issuer report_date label", ("DIRECTORY", REPORT, "ILLUSTRATIVE: invented entries")),
        "Directory": entries,
        "Library": table("id title kind topics languages published", *library),
    }
    return write("directory", folder / "directory.xlsx", sheets, REPORT, "A directory (illustrative)")


# ---- a workbook full of mistakes ---------------------------------------------------------------------------


def write_bad(folder: Path) -> Path:
    """A caseload workbook to be refused: its findings are pinned in tests/test_examples.py."""
    path = folder / "bad-caseload.xlsx"
    who = {"participant": "P-0001"}
    expense = {**who, "subaward": "S-A", "service": "participant_expenses", "paid": date(2011, 12, 2)}
    sheets = {
        "Document": table("issuer report_date label", ("SUB-BAD", REPORT, ILLUSTRATIVE)),
        "Participants": table(
            "participant age_group",
            ("P-0001", "adult"),
            ("000-00-0000", "adult"),
            (None, "child"),
            ("P-0003", "grown up"),
            ("P-0001", "adult"),
        ),
        "Letters": table("kind start", ("certificate", date(2012, 2, 14)), **who),
        "Households": table("start family", (date(2012, 3, 1), -2), **who),
        "Enrollment": table(
            "start end", (date(2012, 5, 7), date(2012, 4, 7)), ("7 Nov 2011", None), subaward="S-A", **who
        ),
        "Costs": table(
            "category amount reference",
            ("food", cents(8415), "V-1"),
            (None, "about 40", "V-2"),
            (None, cents(-2000), "V-3"),
            **expense,
        ),
    }
    write("caseload", path, sheets, REPORT, "A caseload workbook full of mistakes")
    edit(path, "xl/worksheets/sheet8.xml", {"<v>84.15</v>": "<v>84.155</v>", ">Category<": ">Catagory<"})
    return path


def edit(path: Path, name: str, changes: Mapping[str, str]) -> None:
    """Change texts of one part of a workbook to what a person can type but `write_input` refuses."""
    with zipfile.ZipFile(path) as package:
        parts = {part: package.read(part).decode() for part in package.namelist() if part != CUSTOM}
    for old, new in changes.items():
        assert parts[name].count(old) == 1
        parts[name] = parts[name].replace(old, new)
    save(path, lambda file: pack({part: [text.encode()] for part, text in parts.items()}, file))


if __name__ == "__main__":
    for written in write_all(HERE):
        print(written.relative_to(HERE.parent))
