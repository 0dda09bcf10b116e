"""Terms that are wrong say so. Each fixture of tests/malformed has one fault, named in its first
line with the cause of the finding that it must give; each guards a check of its own. Those in
`also` are further faults of the same checks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from grantcalc.errors import Finding, NotInForce, TermsRejected
from grantcalc.terms import read_terms, rules_as_known
from grantcalc.terms.parsing import Parser

FOLDER = Path(__file__).parent / "malformed"
OWN = sorted(FOLDER.glob("*.toml"))
ALL = sorted(FOLDER.rglob("*.toml"))


def findings(path: Path) -> tuple[Finding, ...]:
    """What reading a fixture finds; nothing when it is accepted."""
    try:
        read_terms(path.read_text("utf-8"), path.name)
    except TermsRejected as refused:
        return refused.findings
    return ()


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.stem)
def test_one_fault_is_one_finding_with_file_key_and_line(path: Path) -> None:
    (finding,) = findings(path)
    assert finding.cause == path.read_text("utf-8").splitlines()[0].split()[-1]
    assert finding.place.file == path.name
    assert finding.place.line >= 1
    assert str(finding).startswith(f"{path.name}:{finding.place.line}")


def test_there_are_enough_of_them() -> None:
    assert len(OWN) >= 15


@pytest.mark.parametrize("path", OWN, ids=lambda p: p.stem)
def test_without_its_check_this_fixture_alone_is_accepted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (mine,) = findings(path)
    add = Parser.add

    def without(self: Parser, where: str, cause: str, problem: str, expected: str, found: object = None) -> None:
        if (cause, problem) != (mine.cause, mine.problem):
            add(self, where, cause, problem, expected, found)

    monkeypatch.setattr(Parser, "add", without)
    accepted = [other.stem for other in OWN if not findings(other)]
    assert accepted == [path.stem]


def test_a_value_before_its_publication_is_not_known() -> None:
    """A rate effective in October and published in November: in force in October as known from
    November on, and not before (Rulebook 2.2). Such a file is no fault; using the value is."""
    sound = (FOLDER / "share-above-one.toml").read_text("utf-8").replace("value = 40", "value = 0.40")
    late = sound.replace("2011-10-01, published = 2011-09-30", "2011-10-01, published = 2011-11-20")
    terms, day = read_terms(late, "late.toml"), date(2011, 10, 15).toordinal()
    assert rules_as_known(terms, date(2011, 11, 20)).services[0].rate_at(day, "certified").value.value == 500
    with pytest.raises(NotInForce, match="on 2011-10-15 as known on 2011-11-19"):
        rules_as_known(terms, date(2011, 11, 19)).services[0].rate_at(day, "certified")
