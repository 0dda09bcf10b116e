"""The commands of the resource center: the directory, referrals, and what may leave the
building."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
from attrs import asdict

from grantcalc.cli.group import main
from grantcalc.cli.options import DirectoryQuery, gathered
from grantcalc.cli.output import AS_JSON, FILE, INPUT, LAYOUT, Days, print_findings, say
from grantcalc.cli.statuses import Status
from grantcalc.disclosure.exports import check_export
from grantcalc.io.inputs import read_inputs
from grantcalc.outreach.directory import SERVICES
from grantcalc.outreach.referral import Server, refer
from grantcalc.outreach.search import MOST_HITS, Answer, look_up, search

BILLING_READERS = ("recipient", "subrecipient")
READERS = (*BILLING_READERS, "coalition", "hotline", "public")
"""Who may get a workbook. Only those who bill may see figures of few persons."""

PLACE = click.option("--place", default="", help="Like 'El Paso, TX', Texas, or Region 6.")
NEED = click.option("--need", default="", help="One of " + ", ".join(SERVICES) + ".")
LANGUAGE = click.option("--language", default="", help="Like Spanish.")
COUNT = click.option("--most", type=click.IntRange(1, 1000), default=MOST_HITS, help="How many entries to name.")


@main.command(name="directory")
@click.argument("workbook", type=INPUT, metavar="DIRECTORY.xlsx")
@click.argument("words", nargs=-1)
@PLACE
@NEED
@LANGUAGE
@click.option("--day", type=Days(), help="As verified by this day; by default the report date.")
@click.option("--library", is_flag=True, help="Look in the library of materials instead.")
@COUNT
@LAYOUT
@AS_JSON
@gathered(query=DirectoryQuery)
def directory_command(
    workbook: Path,
    words: tuple[str, ...],
    day: date | None,
    library: bool,
    layouts: tuple[Path, ...],
    as_json: bool,
    query: DirectoryQuery,
) -> None:
    """Search a directory of services.

    Every entry found says why it stands where it does. A directory is a workbook, or a folder of
    CSV files named for its sheets."""
    (directory,) = read_inputs([(workbook, "directory")], layouts)
    text = " ".join(words)
    if library:
        entries = look_up(directory, text, language=query.language, day=day)
        lines = [
            f"{r.title} ({r.kind}; {', '.join(r.languages) or 'language not stated'}) {r.link}".rstrip()
            for r in entries
        ]
        say(as_json, {"library": lines}, "\n".join(lines) or "nothing found: leave out a word, or try other words")
        return
    answer = search(directory, text, day=day, **asdict(query))
    say(as_json, _facts(answer), str(answer))


@main.command(name="refer")
@click.argument("award", type=INPUT, metavar="AWARD.xlsx")
@click.argument("workbook", type=INPUT, metavar="DIRECTORY.xlsx")
@click.option("--place", required=True, help="Like 'El Paso, TX', Texas, or Region 6.")
@click.option("--day", required=True, type=Days(), help="The day of the call, like 2012-06-15.")
@click.option("--known", type=Days(), help="As known on this day; by default the later report date.")
@NEED
@LANGUAGE
@COUNT
@LAYOUT
@AS_JSON
@gathered(query=DirectoryQuery)
def refer_command(
    award: Path,
    workbook: Path,
    day: date,
    known: date | None,
    layouts: tuple[Path, ...],
    as_json: bool,
    query: DirectoryQuery,
) -> None:
    """Find who serves a place.

    The award's network comes first, then the directory. A place served by nobody says so."""
    network, directory = read_inputs([(award, "award"), (workbook, "directory")], layouts)
    answer = refer(network, directory, day=day, known=known, **asdict(query))
    facts = {
        "says": answer.says,
        "network": [_server(s) for s in answer.servers],
        "directory": _facts(answer.directory),
    }
    say(as_json, facts, str(answer))


@main.command(name="check-export")
@click.argument("workbooks", nargs=-1, required=True, type=FILE, metavar="FILE.xlsx...")
@click.option("--pseudonym", "pseudonyms", multiple=True, help="A pseudonym to look for too.")
@click.option(
    "--for",
    "reader",
    type=click.Choice(READERS),
    default="recipient",
    help="Who is to get it (docs/disclosure.md). All but recipient and subrecipient count as the public.",
)
@AS_JSON
def check_export_command(workbooks: tuple[Path, ...], pseudonyms: tuple[str, ...], reader: str, as_json: bool) -> None:
    """Look for identifiers in a workbook before it leaves.

    Row addresses, and whatever is hidden or stored in it, are found too. Silent when none is found.
    Exit status 1 when something in it may not go; warnings alone leave 0."""
    public = reader not in BILLING_READERS
    findings = [finding for path in workbooks for finding in check_export(path, pseudonyms, public=public)]
    print_findings(findings, as_json)
    if any(finding.severity == "error" for finding in findings):
        raise SystemExit(Status.UNTRUE)


def _facts(answer: Answer) -> dict[str, object]:
    rows = [
        {"id": h.entry.id, "name": h.entry.name, "why": list(h.why), "contact": h.entry.contact} for h in answer.hits
    ]
    return {"count": answer.count, "entries": rows, "hint": answer.hint}


def _server(server: Server) -> dict[str, object]:
    return {"holders": list(server.holders), "name": server.organization.name, "why": list(server.why)}
