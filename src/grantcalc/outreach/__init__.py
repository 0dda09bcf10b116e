"""Who serves whom: the directory and referrals; coalitions, objectives, reports of grantees and
published figures."""

from grantcalc.outreach.assistance import GranteeReport, ReportRow, quarterly, yearly
from grantcalc.outreach.coalitions import Coalition, Member, Registry, RegistryEntry, register
from grantcalc.outreach.directory import Directory, DirectoryEntry, Hours, HourSpan, Resource
from grantcalc.outreach.figures import Figures, FiguresRejected, Publication, Restated, read_figures
from grantcalc.outreach.index import Index
from grantcalc.outreach.objectives import MEASURES, NetworkMember, Performance, Quarter, Reported, performance
from grantcalc.outreach.referral import Referral, Server, refer
from grantcalc.outreach.search import Answer, Hit, Where, search

__all__ = [
    "MEASURES",
    "Answer",
    "Coalition",
    "Directory",
    "DirectoryEntry",
    "Figures",
    "FiguresRejected",
    "GranteeReport",
    "Hit",
    "HourSpan",
    "Hours",
    "Index",
    "Member",
    "NetworkMember",
    "Performance",
    "Publication",
    "Quarter",
    "Referral",
    "Registry",
    "RegistryEntry",
    "ReportRow",
    "Reported",
    "Resource",
    "Restated",
    "Server",
    "Where",
    "performance",
    "quarterly",
    "read_figures",
    "refer",
    "register",
    "search",
    "yearly",
]
