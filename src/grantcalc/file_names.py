"""Names of files as they may leave: one that may be named for a person is renamed. The digest
identifies the file.

No list has all surnames, and a file may be named in small letters. So a name stays if all its words
are known to be no names: words of the field, or of the issuer, its subawards and the organizations
behind them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from attrs import evolve

from grantcalc.provenance import Input

_RENAMED = ("caseload", "letters", "layout")
"""The roles of files that name persons, or are kept by those who know them."""

_WORDS = frozenset(
    "absences actual actuals adult amended annual april august award awards billing book books budget caseload "
    "caseloads child claim claims client clients closed copy corrected costs count counts csv daily data december "
    "detail direct draft enrolled enrollment export exports families family february figures file final first "
    "fiscal format grant grants hours households illustrative input inputs january july june layout letter "
    "letters list log march master may meals month monthly months november october old openings organization "
    "other own participant participants people period plan previous prior program quarter quarterly record "
    "records region report reports request revised sample second september services sheet shelter site sites "
    "small state status statuses sub subaward subawards submission subrecipient summary table template terms test "
    "the third toml total totals units update updated version week weekly workbook xlsm xlsx year yearly years "
    "for new and with characteristics after again before both one out two three four".split()
)
_WORD = re.compile(r"[^\W\d_]+")
_INNER_CAPITAL = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-Z])")


def _words_of(text: str) -> list[str]:
    """The words of a text; of MariaLopez both."""
    return _WORD.findall(_INNER_CAPITAL.sub(" ", text))


def may_name_a_person(name: str, known: Iterable[str] = ()) -> bool:
    """Whether a file's name may hold the name of a person: a word of three letters or more, in
    capitals or not, that is neither a word of the field nor one of the `known` names, such as the
    issuer's."""
    allowed = _WORDS.union(word.casefold() for text in known for word in _words_of(text))
    return any(len(word) > 2 and word.casefold() not in allowed for word in _words_of(name))


def neutral_names(inputs: Iterable[Input], known: Iterable[str]) -> Mapping[str, str]:
    """What the files of a claim are called where it goes, by the names that they have."""
    names, allowed = dict[str, str](), tuple(known)
    for each in inputs:
        role = each.role.partition(",")[0]
        ours = role not in _RENAMED or re.match(rf"{role}-[0-9a-f]{{8}}\.", each.file)
        if not ours and may_name_a_person(each.file, allowed):
            ending = re.search(r"(\.[a-z]{1,6}){0,3}$", each.file)
            names[each.file] = f"{role}-{each.digest[:8]}" + (ending[0] if ending else "")
    return names


def renamed(inputs: Iterable[Input], names: Mapping[str, str]) -> tuple[Input, ...]:
    """The inputs under these names."""
    return tuple(sorted(evolve(each, file=names.get(each.file, each.file)) for each in inputs))
