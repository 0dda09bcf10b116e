"""The auditor's desk: the commands that check what comes in, and make again what went out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import click

from grantcalc.audit.explain import explanation_of
from grantcalc.audit.regenerate import regenerate
from grantcalc.cli.group import main
from grantcalc.cli.output import (
    AS_JSON,
    FILE,
    FOLDER,
    INPUT,
    LAYOUT,
    OUT,
    PREVIOUS,
    Days,
    outgoing,
    print_findings,
    say,
)
from grantcalc.cli.statuses import Status
from grantcalc.errors import Finding, Rejected, by_cause
from grantcalc.io.inputs import gather, read_previous
from grantcalc.io.intake.annotate import mark
from grantcalc.xlsx.reader import collect_warnings


@main.command()
@click.argument("workbooks", nargs=-1, required=True, type=INPUT, metavar="FILE.xlsx...")
@click.option("--marked", type=click.Path(path_type=Path), metavar="OUT.xlsx", help="Copy, with each bad cell marked.")
@click.option("--known", type=Days(), help="As known on this day; by default the latest report date of the inputs.")
@PREVIOUS
@LAYOUT
@AS_JSON
def check(
    workbooks: tuple[Path, ...],
    marked: Path | None,
    known: date | None,
    previous: tuple[Path, ...],
    layouts: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Check award and caseload workbooks and letter logs.

    What is wrong with them is told, the worst first. Nothing is billed. With --marked OUT.xlsx a
    copy of the workbook shows each finding at its cell; OUT may be a folder, for several."""
    findings, unsafe = findings_of(workbooks, known, layouts, previous)
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


def findings_of(
    workbooks: Sequence[Path],
    known: date | None = None,
    layouts: Iterable[Path] = (),
    previous: Iterable[Path] = (),
) -> tuple[tuple[Finding, ...], set[Path]]:
    """What is wrong with some workbooks, each by itself, and between them as `bill` would find it;
    and which of them could not be read at all."""
    with collect_warnings() as told:
        gathered = gather(workbooks, layouts)
        findings = gathered.wrong(workbooks, known)
        try:
            read_previous(previous, gathered.caseloads, layouts)
        except Rejected as refused:
            findings += refused.findings
    unread = set(workbooks) - gathered.opened
    return tuple(f for cause in by_cause((*findings, *told)) for f in cause.findings), unread


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


@main.command(name="explain")
@click.argument("document", type=FILE, metavar="OUT.xlsx")
@click.argument("cell", metavar="'Lines!H14'")
@click.option("--inputs", type=FOLDER, help="A folder that holds the inputs: name the source rows too.")
@click.option("--tree", is_flag=True, help="Print all amounts that the amount is made of, as a tree.")
@AS_JSON
def explain_command(document: Path, cell: str, inputs: Path | None, tree: bool, as_json: bool) -> None:
    """Say why a cell holds what it holds.

    CELL is an address, a name such as Claimed or Requested, or a line of a form such as 'SF-270
    11g'. Derivation, rule numbers, rate and citation come from the workbook alone. With --inputs,
    what the inputs do not support is said, with status 1."""
    told = explanation_of(document, cell, inputs)
    lines = told.sentences
    if tree:
        lines = tuple(told.tree.printed()) if told.tree else (f"{told.cell} is no amount, and has no tree.",)
    facts = {"cell": told.cell, "explanation": [*told.sentences], "supported": told.supported}
    say(as_json, {**facts, "tree": told.tree.as_json() if told.tree else None}, "\n".join(lines))
    if not told.supported:
        raise SystemExit(Status.UNTRUE)


@main.command(name="regenerate")
@click.argument("document", type=FILE, metavar="WORKBOOK.xlsx")
@click.option("--inputs", required=True, type=FOLDER, help="A folder that holds the inputs, whatever their names.")
@click.option("-o", "--out", required=True, type=OUT, help="The workbook to write.")
@AS_JSON
def regenerate_command(document: Path, inputs: Path, out: Path, as_json: bool) -> None:
    """Make a claim or request again from its inputs.

    It is the same file. Where a version of grantcalc or of the terms is another one, tell which
    amounts change, and why."""
    outcome = regenerate(document, inputs, outgoing(out, as_json))
    if as_json:
        click.echo(json.dumps(outcome.as_json(), indent=2))
        return
    for note in outcome.notes:
        click.echo(f"note: {note}", err=True)
    for line in outcome.lines():
        click.echo(line)
