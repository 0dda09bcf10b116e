"""What is read and written: workbooks, JSON, JSON Lines, data frames and the store of ledgers."""

from grantcalc.io.exchange.database import Unstored
from grantcalc.io.exchange.documents import from_json, to_json
from grantcalc.io.exchange.frames import to_frame
from grantcalc.io.exchange.journal import from_lines, to_lines
from grantcalc.io.exchange.schema import schema
from grantcalc.io.exchange.store import StaleHead, Store, Turn
from grantcalc.io.inputs import (
    read_award,
    read_caseload,
    read_claim,
    read_directory,
    read_letters,
    read_outreach,
    read_record,
    read_workbooks,
)
from grantcalc.io.intake.annotate import Marked, mark
from grantcalc.io.intake.outreach import Outreach
from grantcalc.io.intake.templates import write_template
from grantcalc.io.issued.calendar import CalendarEvent, write_calendar
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.io.issued.closebook import write_close, write_journal
from grantcalc.io.issued.compliance_report import write_due, write_order
from grantcalc.io.issued.forecastbook import write_forecast
from grantcalc.io.issued.letter_report import write_letters
from grantcalc.io.issued.movebook import write_move
from grantcalc.io.issued.outreachbook import write_coalitions, write_grantee_report, write_performance
from grantcalc.io.issued.pdf import write_pdf
from grantcalc.io.issued.requestbook import write_request
from grantcalc.io.issued.rosterbook import write_roster
from grantcalc.io.issued.statementbook import write_statement
from grantcalc.io.monthly_files import MonthlyFiles, read_monthly_files
from grantcalc.io.next_month import NextMonth, next_month, post_next_month
from grantcalc.io.packet import Packet, PacketFile, write_packet
from grantcalc.io.written_inputs import write_inputs
from grantcalc.xlsx.package import Unwritable
from grantcalc.xlsx.reader import collect_warnings

__all__ = [
    "CalendarEvent",
    "Marked",
    "MonthlyFiles",
    "NextMonth",
    "Outreach",
    "Packet",
    "PacketFile",
    "StaleHead",
    "Store",
    "Turn",
    "Unstored",
    "Unwritable",
    "collect_warnings",
    "from_json",
    "from_lines",
    "mark",
    "next_month",
    "post_next_month",
    "read_award",
    "read_caseload",
    "read_claim",
    "read_directory",
    "read_letters",
    "read_monthly_files",
    "read_outreach",
    "read_record",
    "read_workbooks",
    "schema",
    "to_frame",
    "to_json",
    "to_lines",
    "write_calendar",
    "write_claim",
    "write_close",
    "write_coalitions",
    "write_due",
    "write_forecast",
    "write_grantee_report",
    "write_inputs",
    "write_journal",
    "write_letters",
    "write_move",
    "write_order",
    "write_packet",
    "write_pdf",
    "write_performance",
    "write_request",
    "write_roster",
    "write_statement",
    "write_template",
]
