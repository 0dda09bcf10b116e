"""What a participant or a site is, as dated facts: the words and numbers that prices go by
(Rulebook 5.6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from grantcalc.billing.caseload import Caseload, Characteristic
from grantcalc.errors import Finding
from grantcalc.known import Fact, Series, Steps
from grantcalc.network import Network
from grantcalc.provenance import Authority
from grantcalc.regions import jurisdiction
from grantcalc.terms import Terms
from grantcalc.terms.vocabulary import one_of

SiteWords = Mapping[tuple[str, str], Steps[str]]
"""The words of each site, by subaward and dimension."""


def of_participant(rows: Iterable[Characteristic], known: date) -> dict[str, Steps[Any]]:
    """The words and numbers of one participant, by name, as known."""
    series: dict[str, list[Fact[Any]]] = defaultdict(list)
    for row in rows:
        series[row.characteristic].append(_fact(row, f"{row.characteristic} of the participant"))
    return {name: Series(f"{name} of the participant", facts).as_known(known) for name, facts in series.items()}


def of_sites(loads: Iterable[Caseload], mine: Iterable[str], network: Network, terms: Terms, known: date) -> SiteWords:
    """The words of each subaward: those that caseloads report, and those that follow from the
    subrecipient's State."""
    series: dict[tuple[str, str], list[Fact[str]]] = defaultdict(list)
    for load in loads:
        for row in load.characteristics:
            if row.subaward in mine:
                said = f"{row.characteristic} reported by {load.issuer}"
                series[row.subaward, row.characteristic].append(_fact(row, said))
    for dimension in terms.dimensions:
        for subaward in mine if dimension.of == "state" else ():
            state = network.organization(network.subaward(subaward).subrecipient).state
            word = dimension.word_of(jurisdiction(state).code) if state else ""
            if word:
                says = Authority(f"{dimension.authority.citation}: subrecipient in {state}")
                series[subaward, dimension.id].append(Fact(word, date.min, date.min, says))
    return {
        (subaward, name): Series(f"{name} of subaward {subaward}", facts).as_known(known)
        for (subaward, name), facts in series.items()
    }


def _fact(row: Characteristic, said: str) -> Fact[Any]:
    value = row.word if row.number is None else row.number
    return Fact(value, row.effective, row.published, Authority(said), row.source)


def check_characteristic(row: Characteristic, network: Network) -> Iterator[Finding]:
    """A characteristic is of a participant or of a site, is asked for by the terms, and is a word
    or a number of theirs."""
    if (row.participant is None) == (not row.subaward):
        problem = "a characteristic is that of one participant or of one site"
        yield row.source.finding("whose", problem, "a participant or a subaward, and not both", column="participant")
        return
    if row.participant:
        asked = [award.terms for award in network.awards]
    elif network.knows_subaward(row.subaward):
        asked = [network.award_of(row.subaward).terms]
    else:
        problem = "the award workbook lists no such subaward"
        yield row.source.finding("subaward", problem, "a subaward number or FAIN", column="subaward")
        return
    of = "participant" if row.participant else "site"
    words = {d.id: d.words for terms in asked for d in terms.dimensions if d.of == of}
    numbers = {name for terms in asked for name in terms.participant_figures()} if row.participant else set[str]()
    if row.characteristic in words:
        if row.word not in words[row.characteristic] or row.number is not None:
            problem = "this is not a word that the terms list for the characteristic"
            yield row.source.finding("word", problem, one_of(words[row.characteristic]), column="word")
    elif row.characteristic in numbers:
        if row.number is None or not row.number.is_finite() or row.number < 0 or row.word:
            problem, expected = "this characteristic is a number, and cannot be negative", "0 or more, and no word"
            yield row.source.finding("number", problem, expected, row.number, column="number")
    else:
        problem = f"the terms ask for no such characteristic of a {of}"
        yield row.source.finding("characteristic", problem, one_of({*words, *numbers}), column="characteristic")
