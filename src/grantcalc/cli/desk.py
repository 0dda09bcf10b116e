"""The auditor's desk: the commands that check what comes in, and make again what went out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from grantcalc.billing.caseload import with_letters
from grantcalc.billing.checks import check as check_rows
from grantcalc.billing.checks import repeated_rows
from grantcalc.billing.doubts import doubts
from grantcalc.cli.group import main
from grantcalc.cli.statuses import Status
from grantcalc.cli.terminal import AS_JSON, FILE, FOLDER, INPUT, OUT, outgoing, print_findings
from grantcalc.errors import Finding, Rejected, by_cause
from grantcalc.io.audit.regenerate import regenerate
from grantcalc.io.intake.award import award_of_book, beside
from grantcalc.io.intake.caseload import caseload_of_book
from grantcalc.io.intake.dated import is_award_book, is_caseload_book
from grantcalc.io.intake.layout import input_book
from grantcalc.io.intake.letters import is_letter_book, log_of_book
from grantcalc.io.intake.marked import mark
from grantcalc.io.intake.several import no_kind
from grantcalc.io.workbook.books import remarks


@main.command()
@click.argument("workbooks", nargs=-1, required=True, type=INPUT, metavar="FILE.xlsx...")
@click.option("--marked", type=click.Path(path_type=Path), metavar="OUT.xlsx", help="Copy, with each bad cell marked.")
@AS_JSON
def check(workbooks: tuple[Path, ...], marked: Path | None, as_json: bool) -> None:
    """Check award and caseload workbooks and letter logs.

    What is wrong with them is told, the worst first. Nothing is billed. With --marked OUT.xlsx a copy of the workbook
    shows each finding at its cell; OUT may be a folder, for several."""
    findings, unsafe = findings_of(workbooks)
    copies = _copies(workbooks, findings, marked) if marked else {}
    print_findings(findings, as_json)
    for source, target in copies.items():
        if source in unsafe:
            click.echo(f"{source.name} cannot be read safely, so that it has no marked copy", err=True)
            continue
        told = mark(findings, source, target)
        lost = f"; the copy does not hold its {', '.join(told.lost)}" if told.lost else ""
        click.echo(f"{target}: {told.cells:,} marked cell{'' if told.cells == 1 else 's'}{lost}", err=True)
    if any(f.severity == "error" for f in findings):
        raise SystemExit(Status.UNTRUE)


def findings_of(workbooks: Iterable[Path]) -> tuple[tuple[Finding, ...], set[Path]]:
    """What is wrong with some workbooks, each by itself, and between them where there is one award workbook; and which
    of them could not be read at all."""
    unsafe: set[Path] = set()
    with remarks() as told:
        findings = _findings_of(workbooks, unsafe)
    return tuple(f for cause in by_cause((*findings, *told)) for f in cause.findings), unsafe


def _findings_of(workbooks: Iterable[Path], unsafe: set[Path]) -> list[Finding]:
    findings: list[Finding] = []
    networks, caseloads, logs = [], [], []
    for path in workbooks:
        try:
            book = input_book(path)
        except Rejected as refused:
            findings += refused.findings
            unsafe.add(path)
            continue
        try:
            if not (is_award_book(book) or is_caseload_book(book) or is_letter_book(book)):
                findings.append(no_kind(path))
            if is_award_book(book):
                networks.append(award_of_book(book, beside(path)))
        except Rejected as refused:
            findings += refused.findings
        try:
            if is_caseload_book(book):
                caseloads.append(caseload_of_book(book))
        except Rejected as refused:
            findings += refused.findings
        try:
            if is_letter_book(book):
                logs.append(log_of_book(book))
        except Rejected as refused:
            findings += refused.findings
    if len(networks) == 1 and caseloads:
        try:
            loads = with_letters(caseloads, logs)
            known = max(networks[0].report_date, *(c.latest for c in loads))
            findings += (*check_rows(loads, networks[0], known), *doubts(loads, networks[0], None, known))
        except Rejected as refused:
            findings += refused.findings
    elif caseloads:
        findings += repeated_rows(caseloads, max(c.latest for c in caseloads))
    return findings


def _copies(workbooks: Sequence[Path], findings: Iterable[Finding], marked: Path) -> dict[Path, Path]:
    """Where the marked copy of each workbook with findings goes."""
    bad = {f.place.file for f in findings}
    sources = [path for path in workbooks if len(workbooks) == 1 or path.name in bad]
    copies = {p: marked / f"{p.stem}-marked{p.suffix}" if marked.is_dir() else marked for p in sources}
    if len(set(copies.values())) < len(sources):
        raise click.UsageError("several workbooks have findings: name a folder for their marked copies")
    if any(target.exists() and target.samefile(p) for target in copies.values() for p in workbooks):
        raise click.UsageError("--marked names one of the workbooks; it was left as it is")
    return copies


@main.command(name="regenerate")
@click.argument("document", type=FILE, metavar="WORKBOOK.xlsx")
@click.option("--inputs", required=True, type=FOLDER, help="A folder that holds the inputs, whatever their names.")
@click.option("-o", "--out", required=True, type=OUT, help="The workbook to write.")
@AS_JSON
def regenerate_command(document: Path, inputs: Path, out: Path, as_json: bool) -> None:
    """Make a claim or request again from its inputs.

    It is the same file. Where a version of grantcalc or of the terms is another one, tell which amounts change, and
    why."""
    found = regenerate(document, inputs, outgoing(out, as_json))
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2))
        return
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    for line in found.lines():
        click.echo(line)
