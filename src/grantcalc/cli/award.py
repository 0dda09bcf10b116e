"""Commands beside the money: whether an award is in order."""

from __future__ import annotations

from pathlib import Path

import click

from grantcalc.billing.claims import bill
from grantcalc.cli.group import main
from grantcalc.cli.options import BillingOptions, gathered
from grantcalc.cli.output import AS_JSON, INPUT, LAYOUT, OUT, PREVIOUS, Days, Months, not_an_input, outgoing
from grantcalc.cli.statuses import Status
from grantcalc.compliance.check import check_awards
from grantcalc.compliance.results import ComplianceReport
from grantcalc.io.exchange.documents import to_json
from grantcalc.io.inputs import read_inputs, read_previous, read_record, read_workbooks
from grantcalc.io.issued.compliance_report import write_due, write_order
from grantcalc.periods import Month


@main.command(name="check-award")
@click.argument("award", type=INPUT, metavar="AWARD.xlsx")
@click.argument("caseloads", nargs=-1, type=INPUT, metavar="[CASELOAD.xlsx]...")
@click.option("--through", type=Months(), help="Last service month of the caseloads, like 2012-09.")
@click.option("--known", type=Days(), help="As known on this day; by default the latest report date of the inputs.")
@click.option("--out", type=OUT, help="Write the list as a workbook too.")
@click.option("--calendar", type=OUT, help="Write what is due when as a calendar file (.ics) too.")
@PREVIOUS
@LAYOUT
@AS_JSON
@gathered(billing=BillingOptions)
def check_award(
    award: Path,
    caseloads: tuple[Path, ...],
    through: Month | None,
    out: Path | None,
    calendar: Path | None,
    as_json: bool,
    billing: BillingOptions,
) -> None:
    """Test whether the awards of a workbook are in order.

    Every test is told, passes included. Exit status 1 with a finding. With caseloads, what they
    earn is tested against ceilings and shares too.
    """
    if caseloads and through is None:
        raise click.UsageError("with caseloads, --through must name their last service month")
    target = outgoing(out, as_json) if out else None
    for path in (target, calendar):
        if path is not None:
            not_an_input(path, (award, *caseloads, *billing.previous, *billing.layouts))
    claim = None
    if caseloads and through is not None:
        network, loads = read_workbooks((award, *caseloads), billing.layouts, billing.known)
        read_previous(billing.previous, loads, billing.layouts)
        claim = bill(loads, network, through, billing.known)
    else:
        (network,) = read_inputs([(award, "award")], billing.layouts)
    order = check_awards(network, read_record(award, network, billing.layouts), claim, billing.known)
    if target is not None:
        write_order(order, target)
    if calendar is not None:
        write_due(order, calendar)
    _print_order(order, as_json)
    if order.findings:
        raise SystemExit(Status.UNTRUE)


def _print_order(order: ComplianceReport, as_json: bool) -> None:
    if as_json:
        click.echo(to_json(order), nl=False)
        return
    for outcome in order.outcomes:
        click.echo(str(outcome))
    click.echo(", ".join(f"{n} {result}" for result, n in order.count().items()) + f", as known on {order.known}")
