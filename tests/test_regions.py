"""The ten HHS regions: membership, look-ups that never guess, and offices as dated facts."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st

from grantcalc.errors import NotInForce, Unknown
from grantcalc.regions import CLOSED, JURISDICTIONS, OFFICES, REGIONS, Jurisdiction, jurisdiction, office, region

# HHS regions as OASH listed them in 2021: number, office, members. Written out, not taken from the
# module.
OASH_2021 = [
    (1, "Boston", "CT ME MA NH RI VT"),
    (2, "New York", "NJ NY PR VI"),
    (3, "Philadelphia", "DE DC MD PA VA WV"),
    (4, "Atlanta", "AL FL GA KY MS NC SC TN"),
    (5, "Chicago", "IL IN MI MN OH WI"),
    (6, "Dallas", "AR LA NM OK TX"),
    (7, "Kansas City", "IA KS MO NE"),
    (8, "Denver", "CO MT ND SD UT WY"),
    (9, "San Francisco", "AZ CA HI NV AS MP GU FM MH PW"),
    (10, "Seattle", "AK ID OR WA"),
]
# "The trafficking victim services grantees, and the regions in which they or their partners provide
# services"
GRANTEES = {
    "U.S. Committee for Refugees and Immigrants (USCRI)": (3, 6, 7, 8, 9, 10),
    "Heartland Human Care Services": (1, 2, 5),
    "Tapestri, Inc.": (4,),
}
# ANSI numeric codes, in the order of the numbers.
ANSI = (
    "AL01 AK02 AZ04 AR05 CA06 CO08 CT09 DE10 DC11 FL12 GA13 HI15 ID16 IL17 IN18 IA19 "
    "KS20 KY21 LA22 ME23 MD24 MA25 MI26 MN27 MS28 MO29 MT30 NE31 NV32 NH33 NJ34 NM35 "
    "NY36 NC37 ND38 OH39 OK40 OR41 PA42 RI44 SC45 SD46 TN47 TX48 UT49 VT50 VA51 WA53 "
    "WV54 WI55 WY56 AS60 FM64 GU66 MH68 MP69 PW70 PR72 VI78"
).split()

EXPECTED = "the postal code, name or two-digit FIPS code of one of the 59 in an HHS region"
each = pytest.mark.parametrize("one", JURISDICTIONS, ids=lambda one: one.code)


def forms(one: Jurisdiction) -> tuple[str, ...]:
    return (one.code, one.name, one.fips, *one.aliases)


def plain(text: str) -> str:
    """Only the letters and digits of a text, which no tolerance for case and punctuation may
    change."""
    return "".join(c for c in text.casefold() if c.isalnum() and c != "\u02bb")


def refused(text: str) -> Unknown:
    with pytest.raises(Unknown) as caught:
        jurisdiction(text)
    return caught.value


class TestMembership:
    """59 jurisdictions: 50 states, DC, 5 territories, 3 freely associated states."""

    def test_counts(self) -> None:
        kinds = Counter(one.kind for one in JURISDICTIONS)
        assert kinds == {"state": 50, "district": 1, "territory": 5, "freely_associated": 3}
        assert len(JURISDICTIONS) == 59

    def test_kinds_of_those_that_are_no_states(self) -> None:
        others = {one.code: one.kind for one in JURISDICTIONS if one.kind != "state"}
        assert others == {
            "DC": "district",
            **dict.fromkeys(["AS", "GU", "MP", "PR", "VI"], "territory"),
            **dict.fromkeys(["FM", "MH", "PW"], "freely_associated"),
        }

    @pytest.mark.parametrize(("number", "city", "members"), OASH_2021)
    def test_row_of_the_table(self, number: int, city: str, members: str) -> None:
        row = REGIONS[number - 1]
        assert row.number == number
        assert [one.code for one in row.jurisdictions] == sorted(members.split())
        assert {one.region for one in row.jurisdictions} == {number}
        assert office(row, date(2021, 6, 1), known=date(2022, 1, 1)).city == city

    def test_regions_partition_the_jurisdictions(self) -> None:
        assert [row.number for row in REGIONS] == list(range(1, 11))
        assert sorted(one.code for row in REGIONS for one in row.jurisdictions) == [j.code for j in JURISDICTIONS]

    def test_jurisdictions_stand_in_code_order(self) -> None:
        codes = [one.code for one in JURISDICTIONS]
        assert codes == sorted(set(codes))

    def test_ansi_codes(self) -> None:
        assert sorted(one.code + one.fips for one in JURISDICTIONS) == sorted(ANSI)

    def test_ansi_codes_of_states_follow_their_names(self) -> None:
        states = [one for one in JURISDICTIONS if one.kind in ("state", "district")]
        assert sorted(states, key=lambda s: s.fips) == sorted(states, key=lambda s: s.name)

    def test_grantees_of_the_page_partition_the_ten(self) -> None:
        served = [region(number).number for numbers in GRANTEES.values() for number in numbers]
        assert sorted(served) == [row.number for row in REGIONS]

    def test_being_in_region_9_does_not_make_eligible(self) -> None:
        """Being in Region 9 does not make FM, MH or PW eligible for a grant."""
        assert [one.code for one in JURISDICTIONS if not one.grant_eligible] == ["FM", "MH", "PW"]
        assert {one.code for one in REGIONS[8].jurisdictions if one.grant_eligible} == {*"AZ CA HI NV AS MP GU".split()}

    def test_values_do_not_change(self) -> None:
        with pytest.raises(FrozenInstanceError):
            jurisdiction("CA").region = 4  # type: ignore[misc]


class TestJurisdiction:
    """By postal code, name, alias or FIPS code; never guessed."""

    @each
    def test_every_form_finds_its_own(self, one: Jurisdiction) -> None:
        for form in forms(one):
            for written in (form, form.lower(), form.upper(), f"  {form}\u00a0", form.replace(" ", "  ")):
                assert jurisdiction(written) is one

    def test_no_form_is_shared(self) -> None:
        """Not even when spaces and punctuation are taken away."""
        owners: dict[str, set[str]] = {}
        for one in JURISDICTIONS:
            for form in forms(one):
                owners.setdefault(plain(form), set()).add(one.code)
        assert [key for key, codes in owners.items() if len(codes) > 1] == []

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("Washington, D.C.", "DC"),
            ("washington dc", "DC"),
            ("D. C.", "DC"),
            ("Washington", "WA"),
            ("Virgin Islands", "VI"),
            ("U. S. Virgin Islands", "VI"),
            ("us virgin islands", "VI"),
            ("CNMI", "MP"),
            ("Micronesia (Federated States of)", "FM"),
            ("Republic of the Marshall Islands", "MH"),
            ("Calif.", "CA"),
            ("Mass", "MA"),
            ("Ga.", "GA"),
            ("La.", "LA"),
            ("Me.", "ME"),
            ("W.Va.", "WV"),
            ("N. Y.", "NY"),
            ("New-York", "NY"),
            ("NEW_YORK", "NY"),
            ("Hawai'i", "HI"),
            ("Hawai\u02bbi", "HI"),
            ("06", "CA"),
            ("6", "CA"),
            ("VI", "VI"),
        ],
    )
    def test_written_differently(self, text: str, code: str) -> None:
        assert jurisdiction(text).code == code

    @pytest.mark.parametrize(
        "text",
        [
            *("", " ", ".", "XX", "Samoa", "Columbia", "Dallas", "L.A.", "C-A", "CA$", "CA/NV", "\x00CA"),
            *("00", "03", "006", "0.6", "-6", "6.0", "(06)", "\uff10\uff16", "\u0660\u0666"),
            *("Region 4", "R4", "IV"),
        ],
    )
    def test_not_guessed(self, text: str) -> None:
        assert refused(text) == Unknown("jurisdiction", EXPECTED, "", len(text))

    @pytest.mark.parametrize(
        ("text", "nearest"),
        [
            ("Calfornia", "California"),
            ("Massachusets", "Massachusetts"),
            ("Tennesee", "Tennessee"),
            ("Virgina", "Virginia"),
            ("West Virgina", "West Virginia"),
            ("NewYork", "New York"),
            ("Kansa", "Kansas"),
            ("Main", "Maine"),
            ("Porto Rico", "Puerto Rico"),
            ("th Carolina", "North Carolina or South Carolina"),
        ],
    )
    def test_suggested(self, text: str, nearest: str) -> None:
        assert refused(text) == Unknown("jurisdiction", EXPECTED, nearest, len(text))

    @each
    def test_a_name_with_one_wrong_letter_is_suggested(self, one: Jurisdiction) -> None:
        """One wrong letter in four is too much (Guam, Iowa, Ohio, Utah)."""
        for index in range(1, len(one.name)):
            error = refused(one.name[:index] + "?" + one.name[index + 1 :])
            assert error.nearest == (one.name if len(one.name) > 4 else "")

    def test_a_long_text_is_like_nothing(self) -> None:
        assert refused("California " * 100_000).nearest == ""

    @pytest.mark.parametrize(
        "text",
        [
            "UM",
            "um",
            "74",
            "U.S. Minor Outlying Islands",
            "US Minor Outlying Islands",
            "United States Minor Outlying Islands",
            "Minor Outlying Islands",
        ],
    )
    def test_um_is_in_no_region(self, text: str) -> None:
        """U.S. Minor Outlying Islands (UM) are in no region."""
        assert refused(text).nearest == ""
        assert "the U.S. Minor Outlying Islands are in no region" in str(refused(text))

    @pytest.mark.parametrize("value", [6, None, b"CA", 6.0])
    def test_only_text(self, value: object) -> None:
        with pytest.raises(TypeError, match="must be str"):
            jurisdiction(value)  # type: ignore[arg-type]


class TestRegion:
    """By number, with or without the word; an office's city or a jurisdiction names no region."""

    @pytest.mark.parametrize(
        ("number", "roman"),
        list(enumerate("I II III IV V VI VII VIII IX X".split(), start=1)),
    )
    def test_every_form_finds_its_own(self, number: int, roman: str) -> None:
        row = REGIONS[number - 1]
        for written in (number, f"{number}", f"{number:02}", roman, f"Region {number}", f"region {roman}"):
            assert region(written) is row
        for written in (
            f"R{number}",
            f"r-{number}",
            f" HHS  Region {number} ",
            f"REGION {number:02}",
            roman.lower(),
        ):
            assert region(written) is row

    def test_each_look_up_has_its_own_meaning(self) -> None:
        for text, code, number in (("06", "CA", 6), ("6", "CA", 6), ("VI", "VI", 6), ("10", "DE", 10)):
            assert (jurisdiction(text).code, region(text).number) == (code, number)

    @pytest.mark.parametrize(
        "value",
        [
            *(0, 11, -4),
            *("", "0", "00", "11", "004", "-4", "(4)", "4.0", "\uff14", "\u0664", "\u2163"),
            *("IIII", "XI", "RI", "RIV", "RX", "R", "Region", "Region -4", "Regions 4", "Region 4 5"),
            *("Atlanta", "Georgia", "GA"),
        ],
    )
    def test_not_guessed(self, value: str | int) -> None:
        with pytest.raises(Unknown) as caught:
            region(value)
        expected = Unknown("HHS region", "1 to 10, written like 4, R4, Region 4 or IV", "", len(str(value)))
        assert caught.value == expected

    @pytest.mark.parametrize("value", [True, None, 4.0, b"4"])
    def test_only_text_or_a_whole_number(self, value: object) -> None:
        with pytest.raises(TypeError, match=r"must be str \| int"):
            region(value)  # type: ignore[arg-type]


class TestOffice:
    """The office city is a dated attribute; membership is separate."""

    def test_each_region_has_one_and_says_who_says_so(self) -> None:
        assert [(o.region, o.city) for o in OFFICES] == [(number, city) for number, city, _ in OASH_2021]
        assert {str(o.authority) for o in OFFICES} == {"OASH, HHS regions, 2021 (the source gives the year only)"}

    @pytest.mark.parametrize("where", [4, "4", "Region IV", REGIONS[3]])
    def test_of_a_region_however_named(self, where: str | int) -> None:
        assert office(where, date(2021, 1, 1), known=date(2021, 1, 1)).city == "Atlanta"

    @pytest.mark.parametrize(
        ("day", "known"),
        [
            (date(2020, 12, 31), date(2022, 1, 1)),  # nothing listed for that day
            (date(2021, 1, 1), date(2020, 12, 31)),  # nothing published by then
        ],
    )
    def test_none_before_the_list(self, day: date, known: date) -> None:
        with pytest.raises(NotInForce) as caught:
            office(4, day, known)
        assert caught.value == NotInForce("office of HHS Region 4", day, known)

    @pytest.mark.parametrize(("number", "city"), [(1, "Boston"), (2, "New York"), (5, "Chicago"), (9, "San Francisco"), (10, "Seattle")])  # fmt: skip # noqa: E501
    def test_five_closed_on_1_april_2025(self, number: int, city: str) -> None:
        """Announced at the end of March 2025; known by the letters of April 2025."""
        closed, known = date(2025, 4, 1), date(2025, 4, 30)
        assert office(number, date(2025, 3, 31), known).city == city
        assert office(number, closed, date(2025, 4, 29)).city == city
        for day in (closed, date(2025, 4, 2), date(2026, 11, 30)):
            with pytest.raises(NotInForce, match=f"office of HHS Region {number}"):
                office(number, day, known)
        assert number in CLOSED
        assert REGIONS[number - 1].jurisdictions  # membership is unchanged

    @pytest.mark.parametrize(("number", "city"), [(3, "Philadelphia"), (4, "Atlanta"), (6, "Dallas"), (7, "Kansas City"), (8, "Denver")])  # fmt: skip # noqa: E501
    def test_five_remain(self, number: int, city: str) -> None:
        assert office(number, date(2026, 11, 30), date(2026, 11, 30)).city == city
        assert number not in CLOSED

    def test_a_region_that_there_is_not(self) -> None:
        with pytest.raises(Unknown):
            office(11, date(2021, 1, 1), date(2021, 1, 1))

    def test_days_are_dates(self) -> None:
        with pytest.raises(TypeError, match=r"must be a datetime\.date"):
            office(4, datetime(2021, 1, 1), date(2021, 1, 1))
        with pytest.raises(TypeError, match=r"must be a datetime\.date"):
            office(4, date(2021, 1, 1), datetime(2021, 1, 1))


CANONICAL = st.sampled_from([form for one in JURISDICTIONS for form in forms(one)])
SPOILED = st.builds(
    lambda form, index, more: form[: index % (len(form) + 1)] + more + form[index % (len(form) + 1) :],
    CANONICAL,
    st.integers(0, 50),
    st.text(alphabet=" .,-'()/$0aZ\u02bb\u00e9", max_size=2),
)


class TestAnyText:
    """Any text either names a jurisdiction in one of its own forms, or is refused without being
    repeated."""

    @given(st.one_of(st.text(), SPOILED, st.text(alphabet="0123456789 .-", max_size=3)))
    def test_found_or_refused(self, text: str) -> None:
        try:
            found = jurisdiction(text)
        except Unknown as error:
            names = {one.name for one in JURISDICTIONS}
            assert error.nearest == "" or set(error.nearest.split(" or ")) <= names
            assert (error.kind, error.length) == ("jurisdiction", len(text))
            assert error.expected == EXPECTED or "minor outlying islands" in error.expected.casefold()
        else:
            assert plain(text) in {plain(form) for form in forms(found)} | {found.fips.lstrip("0")}

    @given(CANONICAL, st.data())
    def test_found_in_any_case(self, form: str, data: st.DataObject) -> None:
        written = "".join(data.draw(st.sampled_from([c.lower(), c.upper()])) for c in form)
        assert form in forms(jurisdiction(written))

    @given(st.text(alphabet="!#%&*+<=>@^{|}~", min_size=1))
    def test_messages_never_echo_the_text(self, text: str) -> None:
        """Made of characters that no message has, so that one found in it came from the text."""
        for look_up in (jurisdiction, region):
            with pytest.raises(Unknown) as caught:
                look_up(text)
            assert not set(text) & set(str(caught.value))
