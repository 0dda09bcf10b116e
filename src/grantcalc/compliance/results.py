"""What a test of an award comes to: a pass, a finding, or that it was not made and why. A missing
fact never passes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from attrs import field, frozen

from grantcalc.awards import Award, Subaward
from grantcalc.billing.claims import Claim
from grantcalc.compliance.record import AwardRecord, ComplianceRecord
from grantcalc.compliance.regimes import Regimes, RegimeValue
from grantcalc.display import Displayed
from grantcalc.known import Fact
from grantcalc.network import Network
from grantcalc.provenance import NOWHERE, Authority, Source

Result = Literal["pass", "finding", "not tested"]

TESTS: Mapping[str, str] = {
    "regime": "The rules that apply",
    "pass_through": "Share passed on to subrecipients",
    "shares": "Shares of administration and direct cost",
    "obligated": "Obligated in subawards, within the award",
    "period": "Period of a subaward, inside the award's",
    "elements": "Data elements of a subaward",
    "uei_shape": "Format of the UEI",
    "uei": "UEI before the subaward",
    "reporting": "Subaward reported",
    "fixed_amount": "Fixed amount subaward",
    "mtdc": "Modified total direct cost",
    "indirect": "Indirect cost",
    "transfers": "Budget transfers",
    "closeout": "Last reports",
    "records": "Records kept",
    "audit": "Single audit",
    "ceilings": "Months and amounts above a ceiling",
    "coverage": "A region served by one recipient",
}
"""The tests, in the order in which they are made and shown."""

RULEBOOK = Authority("Rulebook 10")


@frozen(kw_only=True)
class CheckResult:
    """What one test of one subject comes to, with what says so; `due` is a day by which something
    is to be done."""

    test: str
    subject: str
    result: Result
    says: str
    authority: Authority
    due: date | None = None
    source: Source = field(default=NOWHERE, eq=False)

    @property
    def title(self) -> str:
        """What the test is called: one of another list than `TESTS` says so itself."""
        return TESTS.get(self.test, self.test)

    def __str__(self) -> str:
        due = f"; due {self.due}" if self.due else ""
        return f"{self.result}: {self.title}, {self.subject}: {self.says}{due} [{self.authority}]"


@frozen
class AwardUnderTest:
    """An award under test: the network that it stands in, its record, the claim on it, and the day
    of knowledge."""

    award: Award
    network: Network
    record: ComplianceRecord
    regimes: Regimes
    known: date
    claim: Claim | None = None

    @property
    def subject(self) -> str:
        return f"award {self.award.fain}"

    @property
    def billed(self) -> Claim | None:
        """The claim, where it holds anything of this award."""
        holds = self.claim is not None and any(line.award == self.award.fain for line in self.claim.lines)
        return self.claim if holds else None

    @property
    def own(self) -> AwardRecord | None:
        return self.record.of_award(self.award.fain)

    @property
    def subawards(self) -> tuple[Subaward, ...]:
        """Every subaward under the award, through however many tiers."""
        return tuple(s for s in self.network.subawards if self.network.ancestors(s.id)[-1] == self.award.fain)

    @property
    def direct(self) -> tuple[Subaward, ...]:
        """The subawards that the recipient itself makes."""
        return tuple(s for s in self.subawards if s.parent == self.award.fain)

    @property
    def total(self) -> int:
        """The federal funds obligated for the award, as known: Σ of its budget periods, in
        cents."""
        periods = self.award.budget_periods
        return sum(p.obligated(self.known).value for p in periods)

    def obligated(self, subaward: Subaward) -> int | None:
        """What is obligated in a subaward, as known; None where no amount is given."""
        fact = subaward.amount.find(subaward.period.last, self.known)
        return None if fact is None else fact.value

    def rule(self, name: str, day: date | None = None) -> Fact[RegimeValue] | None:
        """A rule as it holds for this award, by its agency and the day on which it was made."""
        return self.regimes.find(name, self.award.agency, day or self.award.awarded, self.known)

    def no_rule(self, test: str, name: str, subject: str = "") -> CheckResult:
        """That a test was not made, since no rule is at hand for this agency and day."""
        if self.regimes.agency(self.award.agency) is None:
            says = "no rules of this federal agency are available"
        else:
            says = f"no rules are available for an award made on {self.award.awarded}, as known on {self.known}"
        return not_tested(test, subject or self.subject, says, Authority(self.regimes.titles[name]))


def passed(
    test: str, subject: str, says: str, authority: Authority, due: date | None = None, source: Source = NOWHERE
) -> CheckResult:
    """An outcome: a pass."""
    return CheckResult(
        test=test, subject=subject, result="pass", says=says, authority=authority, due=due, source=source
    )


def failed(
    test: str, subject: str, says: str, authority: Authority, due: date | None = None, source: Source = NOWHERE
) -> CheckResult:
    """An outcome: a finding."""
    return CheckResult(
        test=test, subject=subject, result="finding", says=says, authority=authority, due=due, source=source
    )


def not_tested(
    test: str, subject: str, says: str, authority: Authority, due: date | None = None, source: Source = NOWHERE
) -> CheckResult:
    """An outcome: the test was not made, for this reason."""
    return CheckResult(
        test=test, subject=subject, result="not tested", says=says, authority=authority, due=due, source=source
    )


def judged(
    good: bool, test: str, subject: str, says: str, authority: Authority, source: Source = NOWHERE
) -> CheckResult:
    """A pass or a finding."""
    return (passed if good else failed)(test, subject, says, authority, None, source)


@frozen
class ComplianceReport(Displayed):
    """Whether awards are in order: the outcome of every test, passes included."""

    known: date
    outcomes: tuple[CheckResult, ...] = field(repr=lambda outcomes: f"<{len(outcomes):,}>")
    label: str = ""

    @property
    def findings(self) -> tuple[CheckResult, ...]:
        return self.of("finding")

    @property
    def due(self) -> tuple[CheckResult, ...]:
        """What is to be done by a day, in the order of days."""
        return tuple(sorted((o for o in self.outcomes if o.due), key=lambda o: (o.due, o.subject, o.test)))

    def of(self, result: Result) -> tuple[CheckResult, ...]:
        """The outcomes with this result."""
        return tuple(o for o in self.outcomes if o.result == result)

    def count(self) -> dict[Result, int]:
        """How many tests came to each result."""
        results: tuple[Result, ...] = ("pass", "finding", "not tested")
        return {result: len(self.of(result)) for result in results}
