"""Days that a caseload kept apart tells of: they count here, and earn nothing here (Rulebook
7.9)."""

from __future__ import annotations

from datetime import date

from attrs import field, frozen

from grantcalc.declared import declared
from grantcalc.eligibility import Participant
from grantcalc.periods import Interval
from grantcalc.provenance import ADDED_LATER, NOWHERE, Source

ELSEWHERE = ""
"""The subaward at which such days are enrolled, among the subawards of the days enrolled here."""


@frozen(kw_only=True, field_transformer=declared)
class EnrolledElsewhere:
    """Days on which a participant was enrolled under the award in a caseload kept apart (Rulebook
    7.9). They count with the days enrolled here, so that a month is counted once, and earn nothing
    here. `given_by` says whose caseload it is."""

    participant: Participant
    award: str
    days: Interval
    published: date
    given_by: str = ""
    void: bool = field(default=False, metadata=ADDED_LATER)
    source: Source = field(default=NOWHERE, eq=False)
