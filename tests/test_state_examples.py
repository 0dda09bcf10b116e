"""Five State programs, invented: what the terms can say, each with its worked cases
(examples/states)."""

from __future__ import annotations

from pathlib import Path

import pytest

from grantcalc.cases import Case, worked_of
from grantcalc.terms import read_terms
from grantcalc.terms.vocabulary import PROVISIONS

FOLDER = Path(__file__).resolve().parent.parent / "examples" / "states"
FILES = sorted(path for path in FOLDER.glob("*.toml") if not path.name.endswith(".case.toml"))


def cases(path: Path) -> tuple[Case, ...]:
    terms = read_terms(path.read_text("utf-8"), path.name)
    return worked_of(path.with_suffix(".case.toml").read_text("utf-8"), terms).cases


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
class TestEachProgram:
    """Each is called illustrative wherever it is read, and comes to what a reader works out with a
    pencil."""

    def test_its_cases(self, path: Path) -> None:
        given = cases(path)
        assert given
        for case in given:
            assert case.differences() == []

    def test_it_says_that_it_is_illustrative(self, path: Path) -> None:
        terms = read_terms(text := path.read_text("utf-8"), path.name)
        assert text.startswith("# ILLUSTRATIVE")
        assert terms.status == "illustrative"
        assert terms.title.endswith("(illustrative)")
        assert "invented" in terms.note
        assert all("illustrative" in str(service.authority) for service in terms.services)


def test_they_show_what_part_of_the_vocabulary_is_new() -> None:
    """Dimensions of each kind, and every provision that no program that ships uses yet."""
    terms = [read_terms(path.read_text("utf-8"), path.name) for path in FILES]
    assert {d.of for each in terms for d in each.dimensions} == {"participant", "site", "state"}
    used = {p.kind for each in terms for service in each.services for p in service.provisions}
    shown = {"bands", "parts", "share_decimals", "rounding", "deduct", "multiplier", "claim_within"}
    assert shown <= used <= PROVISIONS.keys()
