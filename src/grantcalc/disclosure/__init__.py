"""What may leave the building: tables of counts in which no small count can be found again."""

from grantcalc.disclosure.audits import Inferred, audit, infer
from grantcalc.disclosure.exports import check_export
from grantcalc.disclosure.linked import audit_linked, suppress_linked
from grantcalc.disclosure.publication import DO_NOT_PUBLISH, WITHHELD, Withholding, overlapping
from grantcalc.disclosure.releases import audit_releases, suppress_again
from grantcalc.disclosure.reports import (
    publish_coalitions,
    publish_figures,
    publish_grantee_report,
    publish_letters,
    publish_performance,
)
from grantcalc.disclosure.suppression import THRESHOLD, suppress
from grantcalc.disclosure.tables import TOTAL, NotATable, Release, Shape, Table, TableCell, Withheld

__all__ = [
    "DO_NOT_PUBLISH",
    "THRESHOLD",
    "TOTAL",
    "WITHHELD",
    "Inferred",
    "NotATable",
    "Release",
    "Shape",
    "Table",
    "TableCell",
    "Withheld",
    "Withholding",
    "audit",
    "audit_linked",
    "audit_releases",
    "check_export",
    "infer",
    "overlapping",
    "publish_coalitions",
    "publish_figures",
    "publish_grantee_report",
    "publish_letters",
    "publish_performance",
    "suppress",
    "suppress_again",
    "suppress_linked",
]
