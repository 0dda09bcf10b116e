"""What is earned: caseload values, lines with their reductions, the claim, and two claims compared. The rules of
the rulebook are in the modules; only what `__all__` names is public."""

from grantcalc.billing.caseload import (
    Absence,
    Caseload,
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
from grantcalc.billing.claims import Claim, OpeningSum, Party, bill
from grantcalc.billing.comparison import Changed, Comparison, compare, what_if
from grantcalc.billing.elsewhere import EnrolledElsewhere
from grantcalc.billing.lines import Line, Reduction
from grantcalc.billing.moves import ParticipantMove, move
from grantcalc.billing.projection import Inflow, projected
from grantcalc.billing.reasons import Reason

__all__ = [
    "Absence",
    "Caseload",
    "Changed",
    "Claim",
    "Comparison",
    "Cost",
    "Count",
    "DisallowedCost",
    "EnrolledElsewhere",
    "Enrollment",
    "Household",
    "Inflow",
    "Line",
    "OpeningBalance",
    "OpeningSum",
    "ParticipantMove",
    "Party",
    "PersonStatus",
    "Reason",
    "Reduction",
    "Registration",
    "SiteFigure",
    "UnitsUsed",
    "bill",
    "compare",
    "move",
    "projected",
    "what_if",
]
