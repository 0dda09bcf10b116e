"""What is earned: caseload values, lines with their reductions, the claim, and two claims compared.
The rules of the rulebook are in the modules; only what `__all__` names is public."""

from grantcalc.billing.caseload import (
    Absence,
    Caseload,
    Characteristic,
    Cost,
    Count,
    DisallowedCost,
    Enrollment,
    Household,
    OpeningBalance,
    PersonStatus,
    Registration,
    SiteFigure,
    UnitsUsed,
)
from grantcalc.billing.claims import Claim, OpeningSum, bill
from grantcalc.billing.comparison import Changed, Comparison, compare, what_if
from grantcalc.billing.elsewhere import EnrolledElsewhere
from grantcalc.billing.lines import Line, Reduction
from grantcalc.billing.moves import ParticipantMove, move
from grantcalc.billing.parties import Party
from grantcalc.billing.projection import Inflow, projected
from grantcalc.billing.reasons import Reason
from grantcalc.billing.roster import CeilingUsed, LetterEnding, MonthsUsed, Roster, RosterRow, roster

__all__ = [
    "Absence",
    "Caseload",
    "CeilingUsed",
    "Changed",
    "Characteristic",
    "Claim",
    "Comparison",
    "Cost",
    "Count",
    "DisallowedCost",
    "EnrolledElsewhere",
    "Enrollment",
    "Household",
    "Inflow",
    "LetterEnding",
    "Line",
    "MonthsUsed",
    "OpeningBalance",
    "OpeningSum",
    "ParticipantMove",
    "Party",
    "PersonStatus",
    "Reason",
    "Reduction",
    "Registration",
    "Roster",
    "RosterRow",
    "SiteFigure",
    "UnitsUsed",
    "bill",
    "compare",
    "move",
    "projected",
    "roster",
    "what_if",
]
