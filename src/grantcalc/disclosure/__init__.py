"""What may leave the building: tables of counts in which no small count can be found again."""

from grantcalc.disclosure.audits import Reckoned, audit, reckon
from grantcalc.disclosure.releases import audit_releases, withhold_again
from grantcalc.disclosure.suppression import THRESHOLD, withhold
from grantcalc.disclosure.tables import TOTAL, Cell, NotATable, Release, Shape, Table, Withheld

__all__ = [
    "THRESHOLD",
    "TOTAL",
    "Cell",
    "NotATable",
    "Reckoned",
    "Release",
    "Shape",
    "Table",
    "Withheld",
    "audit",
    "audit_releases",
    "reckon",
    "withhold",
    "withhold_again",
]
