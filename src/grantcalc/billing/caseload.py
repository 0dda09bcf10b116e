"""What a subrecipient reports: participants by pseudonym, letters, households, enrollments, costs
and bare counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from attrs import evolve, field, frozen

from grantcalc.billing.elsewhere import EnrolledElsewhere
from grantcalc.declared import declared
from grantcalc.eligibility import Letter, Participant
from grantcalc.errors import Finding
from grantcalc.keys import KEYS, RowKey, in_force
from grantcalc.letters import Log
from grantcalc.money import Cents, as_cents
from grantcalc.periods import Interval, Month
from grantcalc.provenance import ADDED_LATER, NOWHERE, Origin, Source


@frozen(field_transformer=declared)
class Registration:
    """A participant as registered by the issuer: adult or child, and the days from which rates or
    windows may go."""

    participant: Participant
    age_group: Literal["adult", "child"] = "adult"
    arrived: date | None = None
    eligible: date | None = None
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True, field_transformer=declared)
class PersonStatus:
    """The status of a participant from a day on, a word of the terms' vocabulary, and when that was
    known."""

    participant: Participant
    status: str
    effective: date
    published: date
    void: bool = field(default=False, metadata=ADDED_LATER)
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True, field_transformer=declared)
class Household:
    """Days on which eligible family lived in the participant's household: how many persons, and how
    many of them are minor dependents."""

    participant: Participant
    days: Interval
    family: int
    published: date
    minors: int = 0
    void: bool = field(default=False, metadata=ADDED_LATER)
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True, field_transformer=declared)
class Enrollment:
    """Days on which a participant is enrolled at a subaward (or, by a FAIN, with the recipient
    itself): for one service, or, where none is named, for every service of the terms that goes by
    enrollment."""

    participant: Participant
    subaward: str
    days: Interval
    published: date
    restored: bool = False
    service: str = ""
    void: bool = field(default=False, metadata=ADDED_LATER)
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True, field_transformer=declared)
class Cost:
    """An actual cost, or a credit when negative, for one service month or several. The amount is
    given as Money or Cents, and kept as Cents.

    Without a service month it belongs to the month of the day paid (Rulebook 5.3); without a
    participant, to the subaward as a whole.
    """

    participant: Participant | None
    subaward: str
    service: str
    category: str
    amount: Cents = field(converter=as_cents)
    paid: date = field()
    months: tuple[Month, ...] = ()
    reference: str = ""
    published: date = date.min
    source: Source = field(default=NOWHERE, eq=False)

    @property
    def service_months(self) -> tuple[Month, ...]:
        """Those that its row names, else that of the day paid (Rulebook 5.3)."""
        return self.months or (Month.of(self.paid),)


@frozen(kw_only=True, field_transformer=declared)
class Count:
    """A bare count that a site reports for a service month: units or persons, without
    participants."""

    subaward: str
    service: str
    phase: str
    month: Month
    quantity: int
    published: date
    unit: str = ""
    rate_class: str = ""
    void: bool = field(default=False, metadata=ADDED_LATER)
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True, field_transformer=declared)
class UnitsUsed:
    """Hours or units of a service that a participant had on one day."""

    participant: Participant
    subaward: str
    service: str
    day: date
    quantity: int
    published: date
    unit: str = ""
    rate_class: str = ""
    void: bool = field(default=False, metadata=ADDED_LATER)
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True, field_transformer=declared)
class Absence:
    """Days on which an enrolled participant was away: in hospital or otherwise, and for how many
    consecutive hours."""

    participant: Participant
    kind: str
    days: Interval
    published: date
    hours: int = 0
    void: bool = field(default=False, metadata=ADDED_LATER)
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True, field_transformer=declared)
class SiteFigure:
    """A figure of the site that terms go by, such as its daily cost or its occupancy, from a day
    on."""

    subaward: str
    name: str
    value: Decimal
    effective: date
    published: date
    void: bool = field(default=False, metadata=ADDED_LATER)
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True, field_transformer=declared)
class Characteristic:
    """What a participant or a site is, from a day on, where prices go by it: a word of the terms
    (an age group, a quality), or a number of the participant (income, another benefit, a
    co-payment, a charge)."""

    characteristic: str
    effective: date
    published: date
    participant: Participant | None = None
    subaward: str = ""
    word: str = ""
    number: Decimal | None = None
    void: bool = False
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True, field_transformer=declared)
class OpeningBalance:
    """What was used of a participant's ceiling or paid months before, in a caseload kept apart
    (Rulebook 7.8).

    `amount`, given as Money or Cents, counts against one pool in one window; `months` against the
    paid months of a phase. `given_by` says whose caseload kept apart it is of: what different ones
    give adds up.
    """

    participant: Participant
    award: str
    published: date
    window: str = ""
    pool: str = ""
    amount: Cents = field(default=Cents(0), converter=as_cents)
    phase: str = ""
    months: int = 0
    given_by: str = field(default="", metadata=ADDED_LATER)
    void: bool = field(default=False, metadata=ADDED_LATER)
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True, field_transformer=declared)
class DisallowedCost:
    """Whose or which cost a disallowance is about, by its number: a participant, a document
    reference, or both. It stays with the issuer (Rulebook 8.4.4)."""

    number: str
    published: date
    participant: Participant | None = None
    reference: str = ""
    void: bool = field(default=False, metadata=ADDED_LATER)
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True, field_transformer=declared)
class Caseload:
    """One issuer's cumulative caseload, as of its report date. A newer one replaces the older.

    `logs` are the letter logs that its letters came from, where they did (`with_letters`).
    """

    issuer: str
    report_date: date
    participants: tuple[Registration, ...] = ()
    letters: tuple[Letter, ...] = ()
    households: tuple[Household, ...] = ()
    enrollments: tuple[Enrollment, ...] = ()
    costs: tuple[Cost, ...] = ()
    counts: tuple[Count, ...] = ()
    units: tuple[UnitsUsed, ...] = ()
    absences: tuple[Absence, ...] = ()
    figures: tuple[SiteFigure, ...] = ()
    openings: tuple[OpeningBalance, ...] = ()
    statuses: tuple[PersonStatus, ...] = field(default=(), metadata=ADDED_LATER)
    label: str = ""
    source: Source = field(default=NOWHERE, eq=False)
    origin: Origin = field(default=Origin(), eq=False)
    logs: tuple[Log, ...] = field(default=(), eq=False, repr=False)
    disallowed: tuple[DisallowedCost, ...] = field(default=(), metadata=ADDED_LATER)
    characteristics: tuple[Characteristic, ...] = field(default=(), metadata=ADDED_LATER)
    elsewhere: tuple[EnrolledElsewhere, ...] = field(default=(), metadata=ADDED_LATER)

    @property
    def latest(self) -> date:
        """The report date, or that of a letter log where it is later."""
        return max([self.report_date, *(log.report_date for log in self.logs)])

    def as_known(self, known: date) -> Caseload:
        """The caseload as known on a day: facts as restated last, without those taken back, and
        costs told by then (Rulebook 2.6). Letters of a log stand as the log says."""
        rows: dict[str, Any] = {
            name: in_force(getattr(self, name), KEYS[sheet], known)
            for name, sheet in ROWS.items()
            if KEYS[sheet].kind == "fact" and name != "enrollments" and not (name == "letters" and self.logs)
        }
        rows["enrollments"] = tuple(_enrolled(self.enrollments, known))
        rows["costs"] = tuple(cost for cost in self.costs if cost.published <= known)
        return evolve(self, **rows)

    def vanished(self, previous: Caseload) -> tuple[Finding, ...]:
        """A warning for every row of the previous caseload that this one no longer holds: caseloads
        are cumulative."""
        return tuple(f for name, sheet in ROWS.items() for f in _vanished(self, previous, name, KEYS[sheet]))


ROWS: Mapping[str, str] = {
    "participants": "Participants",
    "statuses": "Statuses",
    "letters": "Letters",
    "households": "Households",
    "enrollments": "Enrollment",
    "costs": "Costs",
    "counts": "Counts",
    "units": "Units",
    "absences": "Absences",
    "figures": "Figures",
    "characteristics": "Characteristics",
    "openings": "Openings",
    "elsewhere": "Elsewhere",
    "disallowed": "Disallowed costs",
}
"""The kinds of rows of a caseload, and the sheet of each."""


def _enrolled(rows: Iterable[Enrollment], known: date) -> Iterator[Enrollment]:
    """Enrollments as known on a day. A day that an earlier row told, and that still holds, was made
    known by that row: it stays beside the one that restates it (Rulebook 3.2)."""
    key = KEYS["Enrollment"]
    told: dict[object, list[Enrollment]] = {}
    for row in rows:
        if row.published <= known:
            told.setdefault(key.of(row), []).append(row)
    for history in told.values():
        if len(history) == 1:  # nearly always, and a caseload may have very many
            if not history[0].void:
                yield history[0]
            continue
        history.sort(key=lambda row: (row.published, row.source))
        latest = next(row for row in history if row.published == history[-1].published)
        since = max((n for n, row in enumerate(history) if row.void), default=-1)  # what was taken back tells nothing
        for row in history[since + 1 :]:
            if row is latest:
                yield row
            elif row != latest and (days := row.days.clip(latest.days)):
                yield evolve(row, days=days, restored=latest.restored)


def _vanished(new: Caseload, previous: Caseload, name: str, key: RowKey) -> Iterator[Finding]:
    rows, before = getattr(new, name), getattr(previous, name)
    held = Counter(rows)
    keys = {key.of(row) for row in rows} if key.kind == "fact" else set()
    if key.kind == "fact":  # a row that was told twice counted once
        before = dict.fromkeys(before)
    for row in before:
        if held[row]:
            held[row] -= key.kind != "fact"
            continue
        problem = "this row of the previous caseload is not in the new one"
        expected = "every earlier row, since caseloads are cumulative"
        if key.of(row) in keys:
            problem = "this row of the previous caseload was changed"
            expected = "the row as it was, and another with a later Published that restates it"
        yield row.source.finding("vanished", problem, expected, severity="warning")
