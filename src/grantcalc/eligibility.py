"""Letters, and the phases that they make (Rulebook 4.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from attrs import field, frozen

from grantcalc.declared import declared
from grantcalc.periods import Interval, union
from grantcalc.provenance import ADDED_LATER, NOWHERE, Source

__all__ = ["Letter", "Participant"]

_DAY = (
    r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"  # 19840512
    r"|(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(19|20)\d\d|(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])(19|20)\d\d"
)
_NOT_NAMES = "client|case|code|person|participant|family|house|household|adult|child|group|site|unit|new|old"
"""Words of which codes are made, though two of them look like a name."""

_NOT_A_PSEUDONYM = (
    (r"\S@\S", "an e-mail address"),
    (r"(?<!\d)\d{3}[- ]\d{2}[- ]\d{4}(?!\d)|^\d{9}$", "a Social Security number"),
    (r"^[Aa][-# ]*\d([- ]?\d){6,8}$", "an A-number"),
    (r"(?<!\d)((19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](19|20)\d\d)(?!\d)", "a date of birth"),
    (r"^\d{1,2}[-/.]\d{1,2}[-/.]\d\d$", "a date of birth"),
    (rf"^[^\W\d_]{{1,4}}[-_. ]?({_DAY})$", "initials and a date of birth"),
    (r"(?<!\d)(\+?1[-. ]?)?\(?[2-9]\d\d\)?[-. ]{1,2}\d{3}[-. ]\d{4}(?!\d)", "a phone number"),
    (rf"^(?!.*(?i:{_NOT_NAMES})(?![a-z]))[A-Z][a-z]{{2,}}[-_.]?[A-Z][a-z]{{2,}}\d{{0,4}}$", "a name"),
    (rf"^(?!.*(?i:{_NOT_NAMES})(?![a-z]))[a-z]{{3,}}[-_.][a-z]{{3,}}\d{{0,4}}$", "a name"),
    (r"^(?!.*\d).*?[^\W\d_]{2}|[^\W\d_]{2}[,.]? +[^\W\d_]{2}", "a name"),
)

PSEUDONYM = "a code of your own like P-0417"


def looks_like(code: str) -> str:
    """What a participant's code looks like that identifies a person, such as a Social Security
    number; else nothing."""
    return next(_likenesses(code), "")


def contact_in(text: str) -> str:
    """The number or address of a person that a text seems to have in it; else nothing."""
    return next((what for what in _likenesses(text) if what in _CONTACTS), "")


def may_be_a_name(text: str) -> bool:
    """Whether a text seems to be the name of a person, or to have one in it: Ms. Lopez, for Maria
    Lopez."""
    return _NAME.search(text) is not None


def _likenesses(text: str) -> Iterator[str]:
    return (what for pattern, what in _NOT_A_PSEUDONYM if re.search(pattern, text, re.DOTALL))


_CONTACTS = ("an e-mail address", "a Social Security number", "an A-number", "a phone number")
_NAME = re.compile(
    r"\b(Mr|Mrs|Ms|Dr)\.? [A-Z]|^[A-Z][a-z]+,? ([A-Z]\.? )?[A-Z][a-z]+$"
    r"|\b(by|for|attn|contact):? [A-Z][a-z]+ [A-Z][a-z]+"
)


def may_be_a_date(code: str) -> bool:
    """Whether a participant's code is a number that may be a date of birth: 19840512, 05121984."""
    return re.fullmatch(_DAY, code) is not None


@frozen(order=True, cache_hash=True, field_transformer=declared)
class Participant:
    """A person served, known only by (issuer, pseudonym). Two issuers never match (Rulebook 1)."""

    issuer: str
    pseudonym: str


@frozen(kw_only=True, field_transformer=declared)
class Letter:
    """A letter about a participant: its kind (terms' vocabulary), the days for which it holds, and
    when that was known; `replaced` is the day from which on it was known to hold for other days, or
    for none."""

    participant: Participant
    kind: str
    days: Interval
    published: date
    replaced: date | None = None
    void: bool = field(default=False, metadata=ADDED_LATER)
    source: Source = field(default=NOWHERE, eq=False)

    def in_force(self, known: date) -> bool:
        """Whether this is what was known of the letter on a day."""
        return self.published <= known and not (self.replaced and self.replaced <= known)


def phase_starts(
    letters: Iterable[Letter], phases: Mapping[str, tuple[str, ...]], known: date
) -> list[tuple[int, str]]:
    """The phase from each day on: (ordinal of its first day, phase), beginning with ordinal 1.

    Each day has one phase: the first of `phases` for which a letter of its kinds holds on that day,
    else the phase without letters. A letter that ends, ends its phase that day. What was not known
    on `known` is unseen.
    """
    otherwise = next((name for name, kinds in phases.items() if not kinds), list(phases)[-1])
    seen = [letter for letter in letters if letter.in_force(known)]
    if not seen:
        return [(1, otherwise)]
    spans = {
        name: union((x.days.start.toordinal(), x.days.last.toordinal()) for x in seen if x.kind in kinds)
        for name, kinds in phases.items()
    }
    borders = sorted({1, *(day for days in spans.values() for start, end in days for day in (start, end + 1))})
    starts: list[tuple[int, str]] = []
    for border in borders:
        phase = next((n for n, days in spans.items() if any(s <= border <= e for s, e in days)), otherwise)
        if not starts or starts[-1][1] != phase:
            starts.append((border, phase))
    return starts
