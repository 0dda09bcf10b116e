"""The command `grantcalc`. Exit status 0: done; 1: a document does not tell the truth; 2: refused, nothing was
written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, ParamSpec

import click

from grantcalc.billing.caseload import Caseload
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.requests import assemble, requests
from grantcalc.errors import Finding, GrantcalcError, Inexact, Place, Rejected
from grantcalc.io.cells import Book, open_book
from grantcalc.io.claimbook import write_claim
from grantcalc.io.claimread import as_input, claim_of_book
from grantcalc.io.documents import to_json
from grantcalc.io.explain import explain_cell
from grantcalc.io.intake import award_of_book, beside, caseload_of_book, is_award_book, is_caseload_book
from grantcalc.io.requestbook import write_request
from grantcalc.io.templates import write_template
from grantcalc.io.verify import Verdict, verify
from grantcalc.money import plain
from grantcalc.network import Network
from grantcalc.periods import Month, parse_date

P = ParamSpec("P")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="grantcalc")
def main() -> None:
    """Per-capita reimbursements of U.S. grant programmes, with the reason for every cent."""


def refusing(command: Callable[P, None]) -> Callable[P, None]:
    """Print a refusal as findings, or as a sentence, and leave with status 2; nothing was written."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        as_json = bool(kwargs.get("as_json"))
        try:
            command(*args, **kwargs)
        except Rejected as refused:
            _print_findings(refused.findings, as_json)
            _leave(f"{_several(len(refused.findings), 'finding')}; nothing was written.")
        except GrantcalcError as refused:
            if as_json:
                click.echo(json.dumps({"grantcalc": "refusal", "refusal": str(refused)}))
            _leave(f"{refused}; nothing was written.")

    return run


class Months(click.ParamType[Month]):
    """A month like 2012-09."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Month:
        try:
            return Month.parse(str(value))
        except Inexact as wrong:
            self.fail(str(wrong), param, ctx)


class Days(click.ParamType[date]):
    """A day like 2012-10-15."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return parse_date(str(value))
        except Inexact as wrong:
            self.fail(str(wrong), param, ctx)


@main.command()
@click.argument("path", type=OUT, metavar="award.xlsx|caseload.xlsx")
@AS_JSON
@refusing
def template(path: Path, as_json: bool) -> None:
    """Write a workbook to fill in: the recipient's award workbook, or a subrecipient's caseload workbook."""
    kind = "award" if "award" in path.stem.lower() else "caseload" if "caseload" in path.stem.lower() else ""
    if not kind:
        raise click.UsageError("name the workbook for its kind: award.xlsx or caseload.xlsx")
    if path.exists():
        raise click.UsageError(f"{path} is there already; it was left as it is")
    digest = write_template("award" if kind == "award" else "caseload", path)
    _say(as_json, {"written": str(path), "parts": digest}, f"{path}: fill it in, then run grantcalc bill.")


@main.command(name="bill")
@click.argument("workbooks", nargs=-1, required=True, type=FILE, metavar="AWARD.xlsx [CASELOAD.xlsx]...")
@click.option("--through", required=True, type=Months(), help="Last service month, like 2012-09.")
@click.option("--known", type=Days(), help="As known on this day; by default the latest report date of the inputs.")
@click.option("--out", required=True, type=OUT, help="The claim workbook to write.")
@click.option(
    "--detail", is_flag=True, help="Name participants by pseudonym. Such a claim stays with the subrecipient."
)
@click.option(
    "--previous", multiple=True, type=FILE, help="An earlier caseload: every row of it that vanished is named."
)
@AS_JSON
@refusing
def bill_command(
    workbooks: tuple[Path, ...],
    through: Month,
    known: date | None,
    out: Path,
    detail: bool,
    previous: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Bill caseloads under their awards and write a claim. One workbook may hold both sets of sheets."""
    _not_an_input(out, (*workbooks, *previous))
    network, caseloads = read_inputs(workbooks)
    earlier = _read_all(previous, caseload_of_book)
    claim = bill(caseloads, network, through, known)
    gone = [f for c in caseloads for e in earlier if e.issuer == c.issuer for f in c.vanished(e)]
    _print_findings((*claim.notes, *gone), as_json=False, err=True)
    digest = write_claim(claim, out, detail=detail)
    shown = claim if detail else claim.counted()
    if as_json:
        click.echo(to_json(shown))
    else:
        click.echo(
            f"{out}: {_several(sum(x.n for x in claim.lines), 'line')}, earned {plain(_sum(claim.lines))}, held back "
            f"{plain(-_sum(claim.limits))}, claimed {plain(_sum(claim.lines) + _sum(claim.limits))} USD"
        )
        click.echo(f"parts sha256 {digest}")


@main.command(name="request")
@click.argument("award", type=FILE, metavar="AWARD.xlsx")
@click.argument("claims", nargs=-1, required=True, type=FILE, metavar="CLAIM.xlsx...")
@click.option("--known", type=Days(), help="As known on this day; by default the latest of the claims.")
@click.option("--out", required=True, type=OUT, help="The request workbook to write.")
@AS_JSON
@refusing
def request_command(award: Path, claims: tuple[Path, ...], known: date | None, out: Path, as_json: bool) -> None:
    """Assemble claims into reimbursement requests, one for each award and budget period, and judge the award's
    ceilings."""
    _not_an_input(out, (award, *claims))
    network, read = _request_inputs(award, claims)
    asked = requests(assemble(read), network, known)
    if not asked:
        raise Rejected([Finding(claims_place(claims), "no_lines", "these claims hold no line", "at least one line")])
    _print_findings(tuple(dict.fromkeys(n for r in asked for n in r.notes)), as_json=False, err=True)
    digest = write_request(asked, out)
    if as_json:
        click.echo(json.dumps([json.loads(to_json(r)) for r in asked], indent=2))
        return
    for r in asked:
        click.echo(
            f"{r.award} {r.budget_period}: authorized {plain(r.authorized)}, earned {plain(_sum(r.lines))}, held back "
            f"{plain(-_sum(r.limits))}, requested {r.amount.amount:,.2f} USD"
        )
    click.echo(f"{out}: total requested {sum(r.amount.amount for r in asked):,.2f} USD")
    click.echo(f"parts sha256 {digest}")


@main.command(name="verify")
@click.argument("document", type=FILE, metavar="OUT.xlsx")
@click.option("--inputs", required=True, type=FOLDER, help="A folder that holds the inputs, whatever their names.")
@AS_JSON
@refusing
def verify_command(document: Path, inputs: Path, as_json: bool) -> None:
    """Compute a claim or request again from its inputs. Silent when it tells the truth; else each cell that does
    not."""
    verdict = verify(document, inputs)
    if as_json:
        click.echo(json.dumps(verdict.as_json(), indent=2))
    else:
        _print_verdict(verdict)
    if verdict.differences:
        raise SystemExit(1)


@main.command(name="explain")
@click.argument("document", type=FILE, metavar="OUT.xlsx")
@click.argument("cell", metavar="'Lines!H14'")
@click.option("--inputs", type=FOLDER, help="A folder that holds the inputs: name the source rows too.")
@AS_JSON
@refusing
def explain_command(document: Path, cell: str, inputs: Path | None, as_json: bool) -> None:
    """Say why a cell holds what it holds: derivation, rule numbers, rate and citation, from the workbook alone."""
    lines = explain_cell(document, cell, inputs)
    _say(as_json, {"cell": cell, "explanation": lines}, "\n".join(lines))


def read_inputs(paths: Sequence[Path]) -> tuple[Network, list[Caseload]]:
    """The network and the caseloads of some workbooks, whichever holds which; `Rejected` with the findings of all at
    once."""
    findings: list[Finding] = []
    networks: list[Network] = []
    caseloads: list[Caseload] = []
    for path in paths:
        try:
            book = open_book(path)
            kinds = is_award_book(book), is_caseload_book(book)
            if not any(kinds):
                place = Finding(
                    claims_place([path]),
                    "kind",
                    "this is neither an award workbook nor a caseload workbook",
                    "one of the two",
                )
                raise Rejected([place])
            if kinds[0]:
                networks += _kept(findings, book, lambda b, p=path: award_of_book(b, beside(p)))  # type: ignore[misc]
            if kinds[1]:
                caseloads += _kept(findings, book, caseload_of_book)
        except Rejected as refused:
            findings += refused.findings
    if len(networks) != 1 and not findings:
        findings.append(
            Finding(claims_place(paths), "awards", "there must be one award workbook", "one", str(len(networks)))
        )
    if not caseloads and not findings:
        findings.append(Finding(claims_place(paths), "caseloads", "there is no caseload workbook", "one or more"))
    if findings:
        raise Rejected(findings)
    return networks[0], caseloads


def _kept(findings: list[Finding], book: Book, read: Callable[[Book], Any]) -> list[Any]:
    try:
        return [read(book)]
    except Rejected as refused:
        findings += refused.findings
        return []


def _read_all(paths: Iterable[Path], read: Callable[[Book], Any]) -> list[Any]:
    findings: list[Finding] = []
    found = []
    for path in paths:
        try:
            found += _kept(findings, open_book(path), read)
        except Rejected as refused:
            findings += refused.findings
    if findings:
        raise Rejected(findings)
    return found


def _request_inputs(award: Path, claims: Sequence[Path]) -> tuple[Network, list[Claim]]:
    networks = _read_all([award], lambda book: award_of_book(book, beside(award)))
    return networks[0], _read_all(claims, lambda book: as_input(claim_of_book(book), book))


def claims_place(paths: Iterable[Path]) -> Place:
    """The place of a finding about whole files."""
    return Place(", ".join(p.name for p in paths))


def _not_an_input(out: Path, inputs: Iterable[Path]) -> None:
    if out.exists() and any(out.samefile(p) for p in inputs):
        raise click.UsageError("--out names one of the inputs; it was left as it is")
    if not out.parent.is_dir():
        raise click.UsageError(f"there is no folder {out.parent}")


def _print_findings(findings: Sequence[Finding], as_json: bool, err: bool = False) -> None:
    if as_json:
        click.echo(to_json(tuple(findings)))
        return
    files = {f.place.file for f in findings}
    told = None
    for finding in sorted(findings, key=lambda f: f.place.file) if len(files) > 1 else findings:
        if len(files) > 1 and finding.place.file != told:
            told = finding.place.file
            click.echo(f"{told}:", err=err)
        click.echo(("warning: " if finding.severity == "warning" else "") + str(finding), err=err)


def _print_verdict(verdict: Verdict) -> None:
    for note in verdict.notes:
        click.echo(f"note: {note}", err=True)
    for difference in verdict.differences:
        click.echo(str(difference))
    if verdict.consequences:
        click.echo(f"consequences of these: {', '.join(verdict.consequences)}")


def _several(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _sum(items: Iterable[Any]) -> int:
    return sum(x.amount for x in items)


def _say(as_json: bool, facts: dict[str, Any], sentence: str) -> None:
    click.echo(json.dumps(facts, indent=2) if as_json else sentence)


def _leave(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(2)
