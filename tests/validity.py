"""Every kind of workbook that grantcalc writes, checked with an Open XML validator: `make valid`
runs this.

It has an environment of its own: the validator brings lxml, which users of grantcalc need not have.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from openxml_audit import OpenXmlValidator, ValidationError  # type: ignore[import-not-found]

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
TVAP, PARTNER = EXAMPLES / "tvap-fy2012", EXAMPLES / "regional-partner-2026"
BILL = ("bill", TVAP / "award.xlsx", TVAP / "caseload-SUB-A.xlsx", "--through", "2012-09", "--known", "2012-10-15")
COMMANDS: tuple[tuple[object, ...], ...] = (
    ("template", "award.xlsx"),
    ("template", "caseload.xlsx"),
    ("template", "letters.xlsx"),
    ("template", "outreach.xlsx"),
    ("template", "directory.xlsx"),
    (*BILL, "--out", "claim.xlsx"),
    (*BILL, "--detail", "--out", "detailed.xlsx"),
    ("request", TVAP / "award.xlsx", "claim.xlsx", "--out", "request.xlsx"),
    ("letters", PARTNER / "letters.xlsx", "--out", "letters-by-year.xlsx"),
    ("check-award", PARTNER / "award.xlsx", "--out", "order.xlsx"),
)
BY_CHOICE = "inline-string cell"
"""What the validator notes of texts that stand in their cells: the schema allows it, and programs
read it."""


def found(path: Path) -> Iterator[ValidationError]:
    """What the validator finds in a workbook, errors and warnings, but for what we do by choice."""
    result = OpenXmlValidator().validate(str(path))
    yield from (error for error in result.errors if BY_CHOICE not in str(error))


def main() -> int:
    """0 if nothing is found in any workbook."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for command in COMMANDS:
            subprocess.run(
                [sys.executable, "-m", "grantcalc", *map(str, command)],
                cwd=folder,
                check=False,
                stdout=subprocess.DEVNULL,
            )
        written = [*sorted(Path(folder).glob("*.xlsx")), *sorted(EXAMPLES.rglob("*.xlsx"))]
        for path in written:
            for error in found(path):
                wrong += 1
                sys.stdout.write(f"{path.name}: {error}\n")
    sys.stdout.write(f"{len(written)} workbooks, {wrong} findings\n")
    return 1 if wrong or len(written) < len(COMMANDS) else 0


if __name__ == "__main__":
    sys.exit(main())
