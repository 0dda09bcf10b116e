"""The command `grantcalc`. Exit status 0: done; 1: a document does not tell the truth; 2: refused, nothing was
written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, ParamSpec

import click

from grantcalc import desk
from grantcalc.billing.cases import worked_cases
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.comparison import what_if
from grantcalc.billing.requests import assemble, requests
from grantcalc.desk import AS_JSON, FILE, FOLDER, OUT, print_findings
from grantcalc.errors import Finding, GrantcalcError, Inexact, Rejected, by_cause
from grantcalc.io.awardread import award_of_book, beside
from grantcalc.io.caseloadread import caseload_of_book
from grantcalc.io.claimbook import write_claim
from grantcalc.io.claimread import as_input, claim_of_book
from grantcalc.io.documents import to_json
from grantcalc.io.explain import explain_cell
from grantcalc.io.inputs import read_all, read_workbooks, whole
from grantcalc.io.pages import lines_of, terms_page
from grantcalc.io.requestbook import write_request
from grantcalc.io.templates import write_template
from grantcalc.io.verify import Verdict, verify
from grantcalc.money import dollars, plain
from grantcalc.network import Network
from grantcalc.periods import Month, parse_date
from grantcalc.terms import load_terms, published_terms

P = ParamSpec("P")


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
            print_findings(refused.findings, as_json)
            count = sum(len(cause.findings) for cause in by_cause(refused.findings))
            _leave(f"{_several(count, 'finding')}; nothing was written.")
        except GrantcalcError as refused:
            if as_json:
                click.echo(json.dumps({"grantcalc": "refusal", "refusal": str(refused)}))
            _leave(f"{refused}; nothing was written.")
        except OSError as failed:  # a full disk, a folder that may only be read: the disk is as it was
            _leave(f"{failed.strerror or 'the system failed'}; nothing was written.")

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
    _not_an_input(path, ())
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
    network, caseloads = read_workbooks(workbooks)
    earlier = read_all(previous, caseload_of_book)
    claim = bill(caseloads, network, through, known)
    gone = [f for c in caseloads for e in earlier if e.issuer == c.issuer for f in c.vanished(e)]
    print_findings((*claim.notes, *gone), as_json=False, err=True)
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
        raise Rejected([Finding(whole(claims), "no_lines", "these claims hold no line", "at least one line")])
    print_findings(tuple(dict.fromkeys(n for r in asked for n in r.notes)), as_json=False, err=True)
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


main.command(name="check")(refusing(desk.check))
main.command(name="regenerate")(refusing(desk.regenerate_command))


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


@main.command(name="what-if")
@click.argument("workbooks", nargs=-1, required=True, type=FILE, metavar="AWARD.xlsx [CASELOAD.xlsx]...")
@click.option("--through", required=True, type=Months(), help="Last service month, like 2012-09.")
@click.option("--known", type=Days(), help="As known on this day; by default the latest report date of the inputs.")
@click.option("--set", "changes", multiple=True, required=True, metavar="KEY=VALUE", help="As rate.certified=550.00")
@AS_JSON
@refusing
def what_if_command(
    workbooks: tuple[Path, ...], through: Month, known: date | None, changes: tuple[str, ...], as_json: bool
) -> None:
    """Bill the same caseloads under changed terms, and show the difference by line and in total. Nothing is written."""
    network, caseloads = read_workbooks(workbooks)
    pairs = dict(change.partition("=")[::2] for change in changes)
    found = what_if(caseloads, network, through, {key: _number_or_word(value) for key, value in pairs.items()}, known)
    if as_json:
        rows = [
            {**{n: str(getattr(c, n)) for n in ("subaward", "service", "pool", "phase", "month")},
             "before": str(dollars(c.before)), "after": str(dollars(c.after))}
            for c in found.changed
        ]  # fmt: skip
        click.echo(
            json.dumps({"grantcalc": "what-if", "difference": str(found.difference.amount), "changed": rows}, indent=2)
        )
        return
    for c in found.changed:
        what = f"{c.subaward} {c.month} {c.service} {c.phase}"
        click.echo(f"{what}: {plain(c.before)} -> {plain(c.after)} ({plain(c.difference)})")
    click.echo(
        f"claimed {found.before.total.amount:,.2f} -> {found.after.total.amount:,.2f}, "
        f"difference {found.difference.amount:+,.2f} USD"
    )


@main.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def programs(ctx: click.Context, as_json: bool) -> None:
    """The published programmes that ship as data; `show NAME` prints one with its citations."""
    if ctx.invoked_subcommand is not None:
        return
    rows = []
    for id in published_terms():
        terms, worked = load_terms(id), worked_cases(id)
        left = sum(1 for o in terms.opens if not o.optional)
        figures = "illustrative figures in the case" if worked.illustrative else "published figures only"
        rows.append(
            {
                "id": id,
                "title": terms.title,
                "status": terms.status,
                "open": left,
                "cases": len(worked.cases),
                "figures": figures,
            }
        )
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['id']}: {row['title']}")
        click.echo(
            f"    {row['status']}; {row['open']} terms left to the award; {row['cases']} worked cases, {row['figures']}"
        )


@programs.command(name="show")
@click.argument("name")
@AS_JSON
@refusing
def show(name: str, as_json: bool) -> None:
    """Print the terms of a programme as a person reads them, each value with its dates and its citation."""
    page = terms_page(name)
    click.echo(json.dumps(page, indent=2, ensure_ascii=False) if as_json else "\n".join(lines_of(page)))


def _number_or_word(text: str) -> str | Decimal:
    """A bare number is dollars, months or a share, as in the award workbook; anything else is a word."""
    try:
        return Decimal(text.removesuffix(" USD"))
    except InvalidOperation:
        return text


def _request_inputs(award: Path, claims: Sequence[Path]) -> tuple[Network, list[Claim]]:
    networks = read_all([award], lambda book: award_of_book(book, beside(award)))
    return networks[0], read_all(claims, lambda book: as_input(claim_of_book(book), book))


def _not_an_input(out: Path, inputs: Iterable[Path]) -> None:
    if out.exists() and any(out.samefile(p) for p in inputs):
        raise click.UsageError("--out names one of the inputs; it was left as it is")
    if not out.parent.is_dir():
        raise click.UsageError(f"there is no folder {out.parent}")


def _print_verdict(verdict: Verdict, most: int = 20) -> None:
    for note in verdict.notes:
        click.echo(f"note: {note}", err=True)
    for difference in verdict.differences[:most]:
        click.echo(str(difference))
    if (more := len(verdict.differences) - most) > 0:
        click.echo(f"and {more:,} more")
    if verdict.consequences:
        more = len(verdict.consequences) - most
        rest = f" and {more:,} more" if more > 0 else ""
        click.echo(f"consequences of these: {', '.join(verdict.consequences[:most])}{rest}")


def _several(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _sum(items: Iterable[Any]) -> int:
    return sum(x.amount for x in items)


def _say(as_json: bool, facts: dict[str, Any], sentence: str) -> None:
    click.echo(json.dumps(facts, indent=2) if as_json else sentence)


def _leave(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(2)
