"""What may leave the building: tables of counts in which no small count can be found again."""

from grantcalc.disclosure.audits import Inferred, audit, infer
from grantcalc.disclosure.exports import check_export
from grantcalc.disclosure.linked import audit_linked, suppress_linked
from grantcalc.disclosure.releases import audit_releases, suppress_again
from grantcalc.disclosure.suppression import THRESHOLD, suppress
from grantcalc.disclosure.tables import TOTAL, NotATable, Release, Shape, Table, TableCell, Withheld

__all__ = [
    "THRESHOLD",
    "TOTAL",
    "Inferred",
    "NotATable",
    "Release",
    "Shape",
    "Table",
    "TableCell",
    "Withheld",
    "audit",
    "audit_linked",
    "audit_releases",
    "check_export",
    "infer",
    "suppress",
    "suppress_again",
    "suppress_linked",
]
