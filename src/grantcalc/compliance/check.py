"""One list for an award: every test of rulebook 10, passes included."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from grantcalc.billing.claims import Claim
from grantcalc.compliance import dues, of_award, of_subawards, of_terms
from grantcalc.compliance.record import ComplianceRecord
from grantcalc.compliance.regimes import load_regimes
from grantcalc.compliance.results import TESTS, AwardUnderTest, CheckResult, ComplianceReport
from grantcalc.declared import checked
from grantcalc.network import Network

Test = Callable[[AwardUnderTest], Iterator[CheckResult]]

CHECKS: Mapping[str, Test] = {
    "regime": of_award.regime,
    "pass_through": of_award.pass_through,
    "shares": of_terms.shares,
    "obligated": of_award.obligated,
    "period": of_subawards.period,
    "elements": of_subawards.elements,
    "uei_shape": of_subawards.uei_shape,
    "uei": of_subawards.uei,
    "reporting": of_subawards.reporting,
    "fixed_amount": of_subawards.fixed_amount,
    "mtdc": of_award.mtdc,
    "indirect": of_award.indirect,
    "transfers": of_award.transfers,
    "closeout": dues.closeout_due,
    "records": dues.retention,
    "audit": dues.single_audit,
    "ceilings": of_terms.ceilings,
    "coverage": of_award.coverage,
}


@checked
def check_awards(
    network: Network, record: ComplianceRecord | None = None, claim: Claim | None = None, known: date | None = None
) -> ComplianceReport:
    """Every test of every award of a workbook, in the order of `TESTS`, as known on a day.

    `claim` is what the caseloads earn under these awards, where they are given; without it ceilings
    and shares are not tested. `known` is by default the report date of the workbook, or of the
    claim when that is later.
    """
    known = known or max(network.report_date, claim.known if claim else network.report_date)
    told = (record or ComplianceRecord()).as_known(known)
    outcomes: list[CheckResult] = []
    for award in network.awards:
        examined = AwardUnderTest(award, network, told, load_regimes(), known, claim)
        for test in TESTS:
            outcomes += CHECKS[test](examined)
    return ComplianceReport(known, tuple(outcomes), network.label)
