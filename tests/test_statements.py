"""The statement that goes back to a subrecipient and the roster that stays with it: sums,
sentences, verification."""

from __future__ import annotations

import stat
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner
from hypothesis import assume, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from grantcalc import Ledger, Month, Participant, Unknown, adjust, bill, read_caseload, requests, verify
from grantcalc.billing import Roster, RosterRow, roster
from grantcalc.billing.roster import CeilingUsed, LetterEnding, MonthsUsed
from grantcalc.cli import main
from grantcalc.errors import NotInForce, Rejected
from grantcalc.io import Store, to_lines, write_roster, write_statement
from grantcalc.io.exchange.journal import as_ledger_input
from grantcalc.ledger import Statement, ask, since_last, statement_of, statements
from grantcalc.ledger.requests import by_subaward
from grantcalc.money import cents
from tests import sample_program as small
from tests.sample_program import World, world
from tests.strategies import Scenario, scenarios
from tests.test_requests import known_on

__all__ = ["made"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory)


def sums(s: Statement) -> dict[str, int]:
    """What a statement says of its subaward, in cents."""
    return {
        "allowed": cents(s.allowed),
        "requested": cents(s.requested),
        "on_hold": s.on_hold,
        "next": s.next_request,
    }


class TestSums:
    """A statement sums to the requests, and a roster to the claim, to the cent."""

    @given(scenarios(), st.booleans(), st.booleans())
    def test_statements_and_requests(self, scenario: Scenario, hold: bool, asked_before: bool) -> None:
        network = scenario.network
        try:
            claim = bill(scenario.caseloads, network, scenario.through, known_on(scenario)).counted()
            assume(claim.lines)
            ledger = Ledger().post(claim)
            if hold:
                ledger = ledger.hold(claim.lines[0].subaward, "a visit", ledger.known)
            if asked_before:
                ledger = ask(ledger, network).ledger
            asked = requests(ledger, network)
        except NotInForce:
            assume(False)
        told = {s.subaward: s for s in statements(ledger, network)}
        allowed = sum(cents(r.to_date) for r in asked)
        assert sum(cents(s.allowed) for s in told.values()) == allowed
        parts = [part for r in asked for part in by_subaward(r, ledger, network)]
        for id, s in told.items():
            mine = [p for p in parts if p.subaward == id]
            assert (s.on_hold, s.next_request) == (sum(p.on_hold for p in mine), sum(p.amount for p in mine))
            assert cents(s.allowed) == cents(s.requested) + s.on_hold + s.next_request
            held = sum(m.held_back + m.disallowed for m in s.months)
            assert held == sum(h.amount for h in s.held)
            posted = sum(a for item, (_, a) in ledger.allowed().items() if small_subaward(item) == id)
            assert sum(a.added + a.recovered for a in s.adjustments) == posted

    @given(scenarios())
    def test_roster_and_claim(self, scenario: Scenario) -> None:
        known = known_on(scenario)
        try:
            claim = bill(scenario.caseloads, scenario.network, scenario.through, known)
        except NotInForce:
            assume(False)
        told = roster(scenario.caseloads, scenario.network, scenario.through, known)
        assert sum(r.allowed for r in told.rows) + told.without_participant == cents(claim.total)
        by_person: Counter[Participant | None] = Counter()
        for x in claim.lines:
            by_person[x.participant] += x.amount
        for held in claim.reductions:
            by_person[held.line.participant] += held.amount
        rows: Counter[Participant | None] = Counter()
        for row in told.rows:
            rows[row.participant] += row.allowed
        assert {k: v for k, v in rows.items() if v} == {k: v for k, v in by_person.items() if v and k is not None}


def small_subaward(item: object) -> str:
    """The subaward of a line, or of the line that a reduction is about."""
    return str(getattr(getattr(item, "line", item), "subaward", ""))


class TestStatement:
    """What a subrecipient reads: months, reasons in sentences, what ceilings hold back, holds and
    the balance."""

    def test_of_a_subaward_that_is_held(self, made: World) -> None:
        network = small.network(made.inputs)
        ledger = Ledger().post(small.claim(made.inputs).counted()).hold("S-B", "A visit (illustrative)", small.REPORT)
        a, b = statements(ledger, network)
        assert (a.subaward, a.subrecipient, a.award, a.hold_reason) == (
            "S-A",
            "Subrecipient A (illustrative)",
            small.FAIN,
            "",
        )
        assert (b.on_hold, b.hold_reason) == (cents(b.allowed), "A visit (illustrative)")
        assert cents(a.balance or a.allowed) == 200_000 - cents(a.allowed)
        assert b.balance is None
        assert a.adjustments[0].sentence.startswith("New months (")

    def test_each_reason_is_a_sentence(self, made: World) -> None:
        """A cost corrected later is in the statement with its reason."""
        network = small.network(made.inputs)
        load = read_caseload(made.inputs / "caseload-a.xlsx")
        ledger = Ledger().post(bill(load, network, small.THROUGH).counted())
        less = evolve(load, costs=tuple(c for c in load.costs if c.reference != "V-5515"), report_date=date(2012, 2, 1))
        changed = adjust(ledger, less, network, small.THROUGH, date(2012, 2, 1), before=([load], network), detail=False)
        ledger = ledger.post(changed.claim.counted(), changes=changed.changes)
        (s,) = statements(ledger, network)
        (sentence,) = [a.sentence for a in s.adjustments if a.reason == "cost"]
        assert sentence.startswith("Because of costs and credits: ")
        assert "15.85 recovered" in sentence

    def test_of_a_subaward_that_is_not_there(self, made: World) -> None:
        ledger = Ledger().post(small.claim(made.inputs, "a").counted())
        with pytest.raises(Unknown, match="not a known subaward"):
            statement_of(ledger, small.network(made.inputs), "S-B")

    def test_it_verifies_and_one_changed_figure_is_named(self, made: World, tmp_path: Path) -> None:
        network = small.network(made.inputs)
        ledger = Ledger().post(small.claim(made.inputs).counted())
        (tmp_path / "in").mkdir()
        for file in ("award.xlsx", "small.toml"):
            (tmp_path / "in" / file).write_bytes((made.inputs / file).read_bytes())
        (tmp_path / "in" / "ledger.jsonl").write_text(to_lines(ledger), "utf-8", newline="\n")
        s = statement_of(ledger, network, "S-A", source=as_ledger_input(ledger, "ledger.db"))
        write_statement(s, path := tmp_path / "statement.xlsx")
        assert verify(path, tmp_path / "in").answer == "as issued"
        book = load_workbook(path)
        book["Months"]["C3"].value = 1
        book.save(path)
        assert "Months!C3" in [d.cell for d in verify(path, tmp_path / "in", values_only=True).differences]


def row(**changes: Any) -> RosterRow:
    """A participant of whom nothing needs attention."""
    plain = RosterRow(
        participant=Participant("SUB-A", "P-1"),
        award=small.FAIN,
        subaward="S-A",
        enrolled_to=None,
        phase="certified",
        allowed=0,
        months=(),
        ceilings=(),
        letters=(),
    )
    return evolve(plain, **changes)


class TestRoster:
    """What is used and left of each participant, and who nears a limit."""

    def test_of_the_small_program(self, made: World) -> None:
        told = small_roster(made)
        (first, second, third) = told.rows
        assert [(m.phase, m.used, m.limit, m.left) for m in third.months] == [("waiting", 1, 1, 0)]
        assert [(c.used, c.limit) for c in first.ceilings] == [(first.allowed, 70_000)]
        assert second.ceilings[0].limit == 90_000
        assert third.enrolled_to == date(2011, 12, 7)
        assert "Care, waiting: no paid month is left." in third.attention

    @pytest.mark.parametrize(
        ("used", "said"),
        [(89_999, ()), (90_000, ("Cap, FY: less than a tenth is left.",)), (100_000, ("Cap, FY: it is used up.",))],
    )
    def test_who_nears_a_ceiling(self, used: int, said: tuple[str, ...]) -> None:
        ceiling = CeilingUsed(ceiling="Cap", window="FY", used=used, limit=100_000)
        assert row(ceilings=(ceiling,)).attention == said

    @pytest.mark.parametrize(
        ("used", "said"),
        [
            (6, ()),
            (7, ("Care, pre certification: one paid month is left.",)),
            (9, ("Care, pre certification: no paid month is left.",)),
        ],
    )
    def test_who_nears_the_last_paid_month(self, used: int, said: tuple[str, ...]) -> None:
        months = MonthsUsed(service="Care", phase="pre_certification", used=used, limit=8)
        assert row(months=(months,)).attention == said

    def test_a_letter_that_ends(self) -> None:
        letter = LetterEnding(kind="certification_letter", last=date(2012, 3, 15))
        assert row(letters=(letter,)).attention == ("The certification letter ends on 2012-03-15.",)

    @pytest.mark.parametrize(("after", "count"), [(0, 1), (60, 1), (61, 0)])
    def test_letters_that_end_within_60_days(self, made: World, after: int, count: int) -> None:
        """From the day as known to the 60th day after it."""
        load = read_caseload(made.inputs / "caseload-a.xlsx")
        last = date.fromordinal(load.report_date.toordinal() + after)
        letters = tuple(evolve(x, days=evolve(x.days, end=last)) for x in load.letters[:1])
        told = roster(evolve(load, letters=letters), small.network(made.inputs), small.THROUGH)
        assert sum(len(r.letters) for r in told.rows) == count

    def test_it_verifies_and_is_private(self, made: World, tmp_path: Path) -> None:
        write_roster(small_roster(made), path := tmp_path / "roster.xlsx")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert verify(path, made.inputs).answer == "as issued"


def small_roster(made: World) -> Roster:
    """The roster of the first caseload."""
    load = read_caseload(made.inputs / "caseload-a.xlsx")
    return roster(load, small.network(made.inputs), small.THROUGH)


def test_the_commands(made: World, tmp_path: Path) -> None:
    store = Store(str(tmp_path / "ledger.db"), create=True)
    store.append(Ledger().post(small.claim(made.inputs).counted()).entries, "0" * 64)
    award, load = (str(made.inputs / name) for name in ("award.xlsx", "caseload-a.xlsx"))
    out = str(tmp_path / "statements")
    run = CliRunner().invoke(main, ["statement", award, "--ledger", store.where, "--out", out])
    assert run.exit_code == 0, run.output
    assert sorted(p.name for p in Path(out).iterdir()) == ["statement-S-A.xlsx", "statement-S-B.xlsx"]
    assert "2 statements in" in run.output
    target = tmp_path / "roster.xlsx"
    run = CliRunner().invoke(main, ["roster", award, load, "--through", "2011-12", "--out", str(target)])
    assert run.exit_code == 0, run.output
    assert "3 participants, 3 to look at" in run.output
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert Month(2011, 12) == small.THROUGH


class TestThisMonth:
    """A claim's page "This month" has what is new since the last claim, with reasons, and sums to
    the claim."""

    @given(scenarios(), st.integers(1, 3))
    def test_what_is_new_sums_to_the_claim(self, scenario: Scenario, fewer: int) -> None:
        network, through = scenario.network, scenario.through
        loads, known = scenario.caseloads, known_on(scenario)
        try:
            last = bill(loads, network, through.plus(-fewer), known)
            claim = bill(loads, network, through, known)
            since = since_last(last, loads, network, through, known, previous=loads)
        except (NotInForce, Rejected):
            assume(False)
        assert since.before + cents(since.total) == cents(claim.total)
        assert all(month > last.through for month, _ in since.new_months)

    def test_the_page(self, made: World, tmp_path: Path) -> None:
        """November's claim, then December's: the new month, and nothing else."""
        first, second = tmp_path / "nov.xlsx", made.inputs / "december.xlsx"
        award, load = (str(made.inputs / name) for name in ("award.xlsx", "caseload-a.xlsx"))
        run = CliRunner().invoke(main, ["bill", award, load, "--through", "2011-11", "--out", str(first)])
        assert run.exit_code == 0, run.output
        command = ["bill", award, load, "--through", "2011-12", "--since", str(first), "--previous", load]
        run = CliRunner().invoke(main, [*command, "--out", str(second)])
        assert run.exit_code == 0, run.output
        folder = tmp_path / "inputs"
        folder.mkdir()
        for path in (first, *map(Path, (award, load)), made.inputs / "small.toml"):
            (folder / path.name).write_bytes(path.read_bytes())
        try:
            assert verify(second, folder).answer == "as issued"
            sheet = load_workbook(second, data_only=True)["This month"]
        finally:
            second.unlink()
        rows = [[cell.value for cell in row[:2]] for row in sheet.iter_rows()]
        figures: dict[str, Any] = {str(a): b for a, b in rows if b is not None}
        before = figures["Claimed before, through 2011-11 as known on 2012-01-15"]
        assert figures["Claimed to date"] == before + figures["New since the last claim"]
        assert figures["Adjustments of earlier months"] == 0

    def test_the_first_page_names_who_claims(self, made: World) -> None:
        sheet = load_workbook(made.documents["claim"])["Summary"]
        said = {str(row[0].value): str(row[1].value) for row in sheet.iter_rows(max_row=12)}
        assert said["Subrecipient"] == "Subrecipient A (illustrative); Subrecipient B (illustrative)"
        assert (said["Award"].partition(", awarded ")[0], said["Subawards"], said["Period"]) == (
            small.FAIN,
            "S-A; S-B",
            "2011-10-01 to 2012-09-30",
        )
