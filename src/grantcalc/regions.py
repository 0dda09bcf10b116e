"""The ten HHS regions, their 59 jurisdictions and their offices.

Membership is fixed; the city of an office is a dated fact beside it. A look-up knows a closed set
of ways to write each name and refuses everything else with `Unknown`: it suggests, and never
guesses for the caller. What a text means depends on who is asked: `06` is California to
`jurisdiction` (its FIPS code) and the sixth region to `region`; `VI` is the Virgin Islands to the
one and the sixth region to the other.

Sources: members and offices, HHS Office of the Assistant Secretary for Health (OASH), 2021; numeric
codes, ANSI INCITS 38 (formerly FIPS 5-2).
"""

from __future__ import annotations

import re
from datetime import date
from difflib import SequenceMatcher
from typing import Any, Literal

from attrs import frozen

from grantcalc.declared import checked
from grantcalc.errors import Unknown
from grantcalc.known import Fact, Series
from grantcalc.periods import as_date
from grantcalc.provenance import Authority

__all__ = [
    "CLOSED",
    "JURISDICTIONS",
    "OFFICES",
    "REGIONS",
    "Jurisdiction",
    "Office",
    "Region",
    "jurisdiction",
    "office",
    "region",
]

JurisdictionKind = Literal["state", "district", "territory", "freely_associated"]

_MEMBERS = {
    1: "CT ME MA NH RI VT",
    2: "NJ NY PR VI",
    3: "DE DC MD PA VA WV",
    4: "AL FL GA KY MS NC SC TN",
    5: "IL IN MI MN OH WI",
    6: "AR LA NM OK TX",
    7: "IA KS MO NE",
    8: "CO MT ND SD UT WY",
    9: "AZ CA HI NV AS MP GU FM MH PW",
    10: "AK ID OR WA",
}
_CITIES = {
    1: "Boston",
    2: "New York",
    3: "Philadelphia",
    4: "Atlanta",
    5: "Chicago",
    6: "Dallas",
    7: "Kansas City",
    8: "Denver",
    9: "San Francisco",
    10: "Seattle",
}
_KINDS: dict[str, JurisdictionKind] = {
    "DC": "district",
    **dict.fromkeys(("AS", "GU", "MP", "PR", "VI"), "territory"),
    **dict.fromkeys(("FM", "MH", "PW"), "freely_associated"),
}

# Postal code, name, FIPS code, aliases. "Ga." and its like need no alias: they are the postal code
# and a dot.
_TABLE: tuple[tuple[str, ...], ...] = (
    ("AK", "Alaska", "02"),
    ("AL", "Alabama", "01", "Ala."),
    ("AR", "Arkansas", "05", "Ark."),
    ("AS", "American Samoa", "60"),
    ("AZ", "Arizona", "04", "Ariz."),
    ("CA", "California", "06", "Calif.", "Cal."),
    ("CO", "Colorado", "08", "Colo."),
    ("CT", "Connecticut", "09", "Conn."),
    ("DC", "District of Columbia", "11", "D.C.", "Washington, D.C.", "Washington, DC"),
    ("DE", "Delaware", "10", "Del."),
    ("FL", "Florida", "12", "Fla."),
    (
        "FM",
        "Federated States of Micronesia",
        "64",
        "Micronesia",
        "Micronesia, Federated States of",
        "FSM",
        "F.S.M.",
    ),
    ("GA", "Georgia", "13"),
    ("GU", "Guam", "66"),
    ("HI", "Hawaii", "15"),
    ("IA", "Iowa", "19"),
    ("ID", "Idaho", "16"),
    ("IL", "Illinois", "17", "Ill."),
    ("IN", "Indiana", "18", "Ind."),
    ("KS", "Kansas", "20", "Kans.", "Kan."),
    ("KY", "Kentucky", "21"),
    ("LA", "Louisiana", "22"),
    ("MA", "Massachusetts", "25", "Mass."),
    ("MD", "Maryland", "24"),
    ("ME", "Maine", "23"),
    ("MH", "Marshall Islands", "68", "Republic of the Marshall Islands", "RMI", "R.M.I."),
    ("MI", "Michigan", "26", "Mich."),
    ("MN", "Minnesota", "27", "Minn."),
    ("MO", "Missouri", "29"),
    (
        "MP",
        "Northern Mariana Islands",
        "69",
        "Commonwealth of the Northern Mariana Islands",
        "CNMI",
        "C.N.M.I.",
        "Northern Marianas",
    ),
    ("MS", "Mississippi", "28", "Miss."),
    ("MT", "Montana", "30", "Mont."),
    ("NC", "North Carolina", "37", "N.C."),
    ("ND", "North Dakota", "38", "N. Dak.", "N.D."),
    ("NE", "Nebraska", "31", "Nebr.", "Neb."),
    ("NH", "New Hampshire", "33", "N.H."),
    ("NJ", "New Jersey", "34", "N.J."),
    ("NM", "New Mexico", "35", "N. Mex.", "N.M."),
    ("NV", "Nevada", "32", "Nev."),
    ("NY", "New York", "36", "N.Y.", "New York State"),
    ("OH", "Ohio", "39"),
    ("OK", "Oklahoma", "40", "Okla."),
    ("OR", "Oregon", "41", "Oreg.", "Ore."),
    ("PA", "Pennsylvania", "42", "Penn.", "Penna."),
    ("PR", "Puerto Rico", "72", "P.R.", "Commonwealth of Puerto Rico"),
    ("PW", "Palau", "70", "Republic of Palau"),
    ("RI", "Rhode Island", "44", "R.I."),
    ("SC", "South Carolina", "45", "S.C."),
    ("SD", "South Dakota", "46", "S. Dak.", "S.D."),
    ("TN", "Tennessee", "47", "Tenn."),
    ("TX", "Texas", "48", "Tex."),
    ("UT", "Utah", "49"),
    ("VA", "Virginia", "51"),
    (
        "VI",
        "U.S. Virgin Islands",
        "78",
        "US Virgin Islands",
        "United States Virgin Islands",
        "Virgin Islands",
        "Virgin Islands (U.S.)",
        "Virgin Islands (US)",
        "USVI",
        "U.S.V.I.",
        "V.I.",
    ),
    ("VT", "Vermont", "50"),
    ("WA", "Washington", "53", "Wash.", "Washington State"),
    ("WI", "Wisconsin", "55", "Wis.", "Wisc."),
    ("WV", "West Virginia", "54", "W. Va."),
    ("WY", "Wyoming", "56", "Wyo."),
)


@frozen(kw_only=True)
class Jurisdiction:
    """A state, the district, a territory or a freely associated state, and the number of its HHS
    region."""

    code: str
    name: str
    fips: str
    kind: JurisdictionKind
    region: int
    aliases: tuple[str, ...] = ()

    @property
    def grant_eligible(self) -> bool:
        """Whether being in an HHS region can make a grant here eligible; False for FM, MH and PW.

        Those three are sovereign states in free association, which Region 9 lists among its
        members. "Being in Region 9 does not make FM, MH or PW eligible for a grant": a program that
        reaches them must say so in its own terms.
        """
        return self.kind != "freely_associated"


@frozen
class Region:
    """One of the ten HHS regions, with its jurisdictions in the order of their postal codes."""

    number: int
    jurisdictions: tuple[Jurisdiction, ...]


@frozen
class Office:
    """The city of a region's office from `effective` on, unknown to all before `published`
    (Rulebook 2.2)."""

    city: str
    region: int
    effective: date
    published: date
    authority: Authority


_REGION_OF = {code: number for number, codes in _MEMBERS.items() for code in codes.split()}

JURISDICTIONS: tuple[Jurisdiction, ...] = tuple(
    Jurisdiction(
        code=code, name=name, fips=fips, kind=_KINDS.get(code, "state"), region=_REGION_OF[code], aliases=tuple(aliases)
    )
    for code, name, fips, *aliases in _TABLE
)
REGIONS: tuple[Region, ...] = tuple(
    Region(number, tuple(j for j in JURISDICTIONS if j.region == number)) for number in _MEMBERS
)

# The source gives the year only; its first day stands for both dates.
_LISTED = date(2021, 1, 1)
_OASH = Authority("OASH, HHS regions, 2021", "the source gives the year only")
OFFICES: tuple[Office, ...] = tuple(
    Office(city, number, effective=_LISTED, published=_LISTED, authority=_OASH) for number, city in _CITIES.items()
)

CLOSED: tuple[int, ...] = (1, 2, 5, 9, 10)
"""The regions whose offices closed: Boston, New York, Chicago, San Francisco, Seattle."""
_CLOSED_ON = date(2025, 4, 1)
# The letters give the month only; its last day stands for the day on which the closure was known.
_CLOSURE_KNOWN = date(2025, 4, 30)
_LETTERS = Authority(
    "letters of House delegations, April 2025, on five regional offices closed on 1 April 2025",
    "HHS press release of 27 March 2025: ten regional offices reduced to five, none named",
)


def _words(text: str) -> str:
    """`text` as lower-case words, parted by spaces, dots, commas, hyphens or brackets, not by
    apostrophes.

    Words stay apart, so that "La." is Louisiana and "L.A." is nothing.
    """
    return " ".join(re.split(r"[\s.,()_\u2013-]+", re.sub(r"['\u2019\u02bb]", "", text.casefold()))).strip()


_BY_FIPS = {j.fips: j for j in JURISDICTIONS}
_BY_WORDS = {_words(form): j for j in JURISDICTIONS for form in (j.code, j.name, *j.aliases)}
_MINOR_OUTLYING = frozenset(
    ("um", "74", *(f"{prefix}minor outlying islands" for prefix in ("", "us ", "u s ", "united states ")))
)
_NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_APART = ("", "r ", "region ", "hhs region ")
_JOINED = ("r", "r-", "region", "region-")  # to digits only: "RI" is Rhode Island
_BY_FORM = {
    f"{prefix}{numeral}": one
    for one, roman in zip(REGIONS, _NUMERALS, strict=True)
    for numeral in (str(one.number), f"{one.number:02}", roman)
    for prefix in (_APART if numeral == roman else _APART + _JOINED)
}


def _nearest(words: str) -> str:
    """The name most like `words`, or all equally like it joined by "or"; empty where none is."""
    names = {_words(j.name): j.name for j in JURISDICTIONS}
    if len(words) > 2 * max(map(len, names)):
        return ""  # too long to be like any name, and comparing takes time
    likeness = {name: SequenceMatcher(None, words, plain).ratio() for plain, name in names.items()}
    best = max(likeness.values())
    return " or ".join(name for name, ratio in likeness.items() if ratio == best) if best >= 0.8 else ""


@checked
def jurisdiction(text: str) -> Jurisdiction:
    """The jurisdiction that `text` names by postal code, name, alias or FIPS code.

    Case, spacing and punctuation between words do not matter; a FIPS code may have lost its zero to
    a spreadsheet (`6` for `06`). "Washington" is the state. Anything else is `Unknown` with the
    nearest name; so are the U.S. Minor Outlying Islands (UM, 74), which are in no region. TypeError
    for what is not text.
    """
    if not isinstance(text, str):
        raise TypeError(f"a jurisdiction must be text, not {type(text).__name__}")
    words = _words(text)
    match = _BY_FIPS.get(text.strip().zfill(2)) or _BY_WORDS.get(words)
    if match is not None:
        return match
    if words in _MINOR_OUTLYING:
        expected = "one of the 59 in an HHS region (the U.S. Minor Outlying Islands are in no region)"
        raise Unknown("jurisdiction", expected, length=len(text))
    expected = "the postal code, name or two-digit FIPS code of one of the 59 in an HHS region"
    raise Unknown("jurisdiction", expected, _nearest(words), len(text))


@checked
def region(text: str | int) -> Region:
    """The HHS region of a number from 1 to 10, or of text like `4`, `04`, `R4`, `Region 4` or
    `Region IV`.

    Anything else is `Unknown`, a jurisdiction's name or an office's city too. TypeError for what is
    neither text nor a whole number.
    """
    if isinstance(text, bool) or not isinstance(text, (str, int)):
        raise TypeError(f"an HHS region must be text or a whole number, not {type(text).__name__}")
    match = _BY_FORM.get(" ".join(str(text).casefold().split()))
    if match is None:
        raise Unknown("HHS region", "1 to 10, written like 4, R4, Region 4 or IV", length=len(str(text)))
    return match


_BARE = re.compile(r"\s*0*([1-9]|10)(\.0)?\s*")


def bare_number(text: str) -> str:
    """What a number from 1 to 10 without a word may mean, as a finding offers it: 6 is Region 6 or
    California. Empty for any other text."""
    bare = _BARE.fullmatch(text)
    if bare is None:
        return ""
    state = _BY_FIPS.get(f"{int(bare[1]):02}")
    return f"Region {bare[1]}" + (f" or {state.name}" if state else "") + ", in words: a bare number may be either"


def place_of(text: str) -> Jurisdiction | Region:
    """The jurisdiction or the HHS region that `text` names, where either may stand.

    A bare number from 1 to 10 is `Unknown`, never a guess: 6 is Region 6, or California by its FIPS
    code. Anything that is neither is `Unknown` too. TypeError for what is not text.
    """
    if not isinstance(text, str):
        raise TypeError(f"a place must be text, not {type(text).__name__}")
    if meant := bare_number(text):
        raise Unknown("place", meant, length=len(text))
    try:
        return jurisdiction(text)
    except Unknown as unknown:
        match = _BY_FORM.get(" ".join(text.casefold().split()))
        if match is None:
            expected = "a State or territory, or a region like Region 4"
            raise Unknown("place", expected, unknown.nearest, unknown.length) from None
        return match


def office(where: Region | str | int, day: date, known: date) -> Office:
    """The office of a region on `day` as known on `known` (Rulebook 2.3); `NotInForce` before 2021,
    and from 1 April 2025 for the five regions whose offices closed (`CLOSED`). Membership of a
    region does not change with its office.
    """
    number = (where if isinstance(where, Region) else region(where)).number
    facts: list[Fact[Any]] = [Fact(o, o.effective, o.published, o.authority) for o in OFFICES if o.region == number]
    if number in CLOSED:
        facts.append(Fact(None, _CLOSED_ON, _CLOSURE_KNOWN, _LETTERS))
    fact_value: Office = Series(f"office of HHS Region {number}", facts).at(as_date(day), as_date(known)).value
    return fact_value
