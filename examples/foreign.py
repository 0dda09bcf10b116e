"""Write files as other systems export them (ILLUSTRATIVE, invented): `python examples/foreign.py out/foreign`.

Two subrecipients of one award keep their records in four kinds of files, which are awkward on purpose:
`north/` has a case-management export and a general ledger, `south/` the files of an HMIS and a bank's CSV.
The layout beside each folder says how it is read. `ours/` has the same facts in workbooks of our own.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from grantcalc.io.intake.templates import write_input

Rows = list[dict[str, Any]]
LABEL = "ILLUSTRATIVE"
FAIN, FIRST, LAST, REPORT = "90ZV-ILL-9", date(2018, 10, 1), date(2019, 9, 30), date(2019, 1, 15)
NOTICE = "Award letter (illustrative)"

NORTH = {
    # Dates of the United States, words in capitals, a column that is empty for most, columns that nobody asked for.
    "Cases.csv": """\
Client ID,Age Category,Intake,Exit,Certified,Case Worker,Phone
N-1001,ADULT,10/12/2018,,11/1/2018,Worker 1,555-0100
N-1002,Child,10/20/2018,12/7/2018,,Worker 2,555-0101
N-1003,adult,11/5/2018,,,Worker 1,555-0102
""",
    # Debits and credits, currency signs, thousands, subtotals and a grand total, and accounts of another fund.
    "GL detail.csv": """\
Posting Date,Fund,Account,Payee,Debit,Credit,Journal,Line
11/02/2018,4100,5300 Food,Store 12,"$1,084.15",,JE7,1
11/09/2018,4100,5300 food,Store 12,,$4.15,JE8,2
11/09/2018,4100,5200 Shelter,Landlord,$900.00,,JE8,3
12/03/2018,4100,5300 Food,Store 9,$85.40,,JE9,1
12/03/2018,2000,5300 Food,Store 9,$311.00,,JE9,2
,4100,Total 5200,,$900.00,,,
,4100,Total 5300,,"$1,169.55",$4.15,,
,,Grand total,,"$2,380.55",$4.15,,
""",
}
NORTH_LAYOUT = """\
# How grantcalc reads the folder north. ILLUSTRATIVE.
[document.values]
issuer = "SUB-A"
report_date = 2019-01-15
label = "ILLUSTRATIVE"

[participants]
sheet = "Cases"
ignore = "others"
columns = { participant = "Client ID", age_group = "Age Category" }

[enrollment]
sheet = "Cases"
ignore = "others"
columns = { participant = "Client ID", start = "Intake", end = "Exit" }
written = { start = "MM/DD/YYYY", end = "MM/DD/YYYY" }
values = { subaward = "S-A" }

[letters]                       # only clients with a day under Certified have one
sheet = "Cases"
ignore = "others"
columns = { participant = "Client ID", date = "Certified" }
written = { date = "MM/DD/YYYY" }
values = { letter = "certification_letter" }
leave_out = [{ column = "Certified", empty = true }]

[costs]
sheet = "GL detail"
ignore = "others"
leave_out = [
    { column = "Account", begins = ["Total", "Grand total"] },
    { column = "Fund", is_not = "4100" },
]

[costs.columns]
paid_on = "Posting Date"
category = "Account"
amount = { less = ["Debit", "Credit"] }
reference = { join = ["Journal", "Line"], by = "-" }
service_month = { join = ["Posting Date"] }

[costs.written]
paid_on = "MM/DD/YYYY"
service_month = "MM/DD/YYYY"
amount = ["$", "1,234.56"]

[costs.maps.category]
"5200 Shelter" = "shelter"
"5300 Food" = "food"

[costs.values]
subaward = "S-A"
service = "participant_expenses"
"""

SOUTH = {
    "Client.csv": """\
PersonalID,Adult,Veteran
S-2001,TRUE,0
S-2002,X,0
S-2003,No,0
""",
    # Timestamps, other projects, and exits in a file of their own, in another order.
    "Enrollment.csv": """\
EnrollmentID,PersonalID,ProjectID,EntryDate
51,S-2001,7,2018-10-03 00:00:00
52,S-2002,7,2018-11-16 09:30:00
53,S-2003,7,2018-12-01 17:45:10
54,S-2003,8,2018-12-02 08:00:00
""",
    "Exit.csv": """\
ExitID,EnrollmentID,PersonalID,ExitDate,Destination
1,54,S-2003,2018-12-20 10:00:00,3
2,51,S-2001,2018-12-31 23:59:59,3
""",
    # Payments are negative, a refund is not, one amount is in parentheses; and deposits of other money.
    "Bank.csv": """\
Date,Description,Amount,Balance,Check Number
10/05/2018,DEPOSIT COUNTY,"5,000.00","9,000.00",
10/19/2018,Market Caf\u00e9,"-1,200.00","7,800.00",101
11/02/2018,Clinic,(75.50),"7,724.50",102
11/20/2018,Clinic,75.50,"7,800.00",
12/11/2018,MARKET CAF\u00c9,-64.10,"7,735.90",103
""",
}
SOUTH_LAYOUT = """\
# How grantcalc reads the folder south. ILLUSTRATIVE.
encoding = "cp1252"

[document.values]
issuer = "SUB-B"
report_date = 2019-01-15
label = "ILLUSTRATIVE"

[participants]
sheet = "Client"
ignore = "others"
columns = { participant = "PersonalID", age_group = "Adult" }

[participants.maps.age_group]
TRUE = "adult"
X = "adult"
No = "child"

[enrollment]
sheet = "Enrollment"
ignore = "others"
columns = { participant = "PersonalID", start = "EntryDate" }
written = { start = ["YYYY-MM-DD", "time"], end = ["YYYY-MM-DD", "time"] }
values = { subaward = "S-B" }
leave_out = [{ column = "ProjectID", is_not = "7" }]

[enrollment.join]
sheet = "Exit"
key = "EnrollmentID"
columns = { end = "ExitDate" }

[costs]
sheet = "Bank"
ignore = "others"
leave_out = [{ column = "Description", begins = "DEPOSIT" }]

[costs.columns]
paid_on = "Date"
category = "Description"
amount = "Amount"
reference = "Check Number"
service_month = { join = ["Date"] }

[costs.written]
paid_on = "MM/DD/YYYY"
service_month = "MM/DD/YYYY"
amount = ["1,234.56", "(1.00)", "reversed"]

[costs.maps.category]
"Market Caf\u00e9" = "food"
Clinic = "medical"

[costs.values]
subaward = "S-B"
service = "participant_expenses"
"""


def write_all(folder: Path) -> list[Path]:
    """The award workbook, the two folders of foreign files with their layouts, and the same facts as our workbooks."""
    written = [folder / "award.xlsx"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ours").mkdir(exist_ok=True)
    write_input("award", award_rows(), written[0], created=REPORT, title="An award (ILLUSTRATIVE)")
    for name, files, layout, encoding in (
        ("north", NORTH, NORTH_LAYOUT, "utf-8"),
        ("south", SOUTH, SOUTH_LAYOUT, "cp1252"),
    ):
        (folder / name).mkdir(exist_ok=True)
        for file, text in files.items():
            (folder / name / file).write_text(text, encoding, newline="\r\n")
        (folder / f"{name}.layout.toml").write_text(layout, "utf-8", newline="\n")
        written += [folder / name, folder / f"{name}.layout.toml"]
    for issuer, rows in (("SUB-A", north_rows()), ("SUB-B", south_rows())):
        path = folder / "ours" / f"caseload-{issuer}.xlsx"
        write_input("caseload", rows, path, created=REPORT, title=f"Caseload of {issuer} (ILLUSTRATIVE)")
        written.append(path)
    return written


def table(keys: str, *rows: Sequence[object], **same: object) -> Rows:
    """The rows of a sheet: values under column keys, and what is the same in each row."""
    return [{**dict(zip(keys.split(), row, strict=True)), **same} for row in rows]


def award_rows() -> Mapping[str, Rows]:
    """One award under the terms of 2018; what those leave open is invented."""
    left: tuple[tuple[str, str | Decimal], ...] = (
        ("count", "actual_days"),
        ("rate.certified", Decimal("310.50")),
        ("rate.interim", Decimal("200.00")),
        ("rate.pre_certification", Decimal("150.00")),
        ("window", "budget_period"),
        ("family", "on_any_day"),
        ("base", "authorized"),
    )
    names = ((id, f"{id} (illustrative)") for id in ("PRIME", "SUB-A", "SUB-B"))
    award = (FAIN, "HHS/ACF", "93.598", FIRST, LAST, "tvap-2018", NOTICE)
    return {
        "Document": table("issuer report_date label", ("PRIME", REPORT, LABEL)),
        "Organizations": table("id name", *names),
        "Awards": table("fain agency listing start end terms terms_source", award),
        "Budget periods": table("label amount", ("Year 1", Decimal("500000.00"))),
        "Subawards": table("id subrecipient", ("S-A", "SUB-A"), ("S-B", "SUB-B")),
        "Terms": table("term value", *left),
    }


def north_rows() -> Mapping[str, Rows]:
    """What north/ says, as a caseload workbook of our own says it."""
    november, december = (date(2018, 11, 2), date(2018, 11, 9)), date(2018, 12, 3)
    costs = (
        ("food", Decimal("1084.15"), november[0], "2018-11", "JE7-1"),
        ("food", Decimal("-4.15"), november[1], "2018-11", "JE8-2"),
        ("shelter", Decimal("900.00"), november[1], "2018-11", "JE8-3"),
        ("food", Decimal("85.40"), december, "2018-12", "JE9-1"),
    )
    stays = (
        ("N-1001", date(2018, 10, 12), None),
        ("N-1002", date(2018, 10, 20), date(2018, 12, 7)),
        ("N-1003", date(2018, 11, 5), None),
    )
    return {
        "Document": table("issuer report_date label", ("SUB-A", REPORT, LABEL)),
        "Participants": table("participant age_group", ("N-1001", "adult"), ("N-1002", "child"), ("N-1003", "adult")),
        "Letters": table("participant kind start", ("N-1001", "certification_letter", date(2018, 11, 1))),
        "Enrollment": table("participant start end", *stays, subaward="S-A"),
        "Costs": table("category amount paid months reference", *costs, subaward="S-A", service="participant_expenses"),
    }


def south_rows() -> Mapping[str, Rows]:
    """What south/ says, as a caseload workbook of our own says it."""
    costs = (
        ("food", Decimal("1200.00"), date(2018, 10, 19), "2018-10", "101"),
        ("medical", Decimal("75.50"), date(2018, 11, 2), "2018-11", "102"),
        ("medical", Decimal("-75.50"), date(2018, 11, 20), "2018-11", None),
        ("food", Decimal("64.10"), date(2018, 12, 11), "2018-12", "103"),
    )
    stays = (
        ("S-2001", date(2018, 10, 3), date(2018, 12, 31)),
        ("S-2002", date(2018, 11, 16), None),
        ("S-2003", date(2018, 12, 1), None),
    )
    return {
        "Document": table("issuer report_date label", ("SUB-B", REPORT, LABEL)),
        "Participants": table("participant age_group", ("S-2001", "adult"), ("S-2002", "adult"), ("S-2003", "child")),
        "Enrollment": table("participant start end", *stays, subaward="S-B"),
        "Costs": table("category amount paid months reference", *costs, subaward="S-B", service="participant_expenses"),
    }


if __name__ == "__main__":
    for each in write_all(Path(sys.argv[1] if len(sys.argv) > 1 else "out/foreign")):
        print(each)
