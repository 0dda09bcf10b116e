"""Disclosure: what is published of a table of counts, and what a reader can reckon from it
(docs/disclosure.md)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from grantcalc.disclosure import (
    TOTAL,
    Inferred,
    NotATable,
    Release,
    Shape,
    Table,
    TableCell,
    Withheld,
    audit,
    audit_linked,
    audit_releases,
    infer,
    suppress,
    suppress_again,
    suppress_linked,
)
from grantcalc.errors import Inexact, Rejected, Unknown
from tests import attacker

COUNTS = st.one_of(st.just(0), st.integers(1, 10), st.integers(11, 40), st.integers(11, 400))


def flat(rows: Sequence[Sequence[int]], title: str = "T") -> Table:
    return Table.of(title, [f"c{k}" for k in range(len(rows[0]))], (((f"r{k}",), row) for k, row in enumerate(rows)))


@st.composite
def tables(draw: st.DrawFn, most: int = 12) -> Table:
    rows, columns = draw(st.integers(1, most)), draw(st.integers(1, most))
    return flat([draw(st.lists(COUNTS, min_size=columns, max_size=columns)) for _ in range(rows)])


@st.composite
def trees(draw: st.DrawFn) -> Table:
    """Region, State and subrecipient; some regions counted as one row, some States too."""
    columns, paths = draw(st.integers(1, 3)), list[tuple[str, ...]]()
    for region in range(draw(st.integers(1, 4))):
        states = draw(st.integers(0, 2))
        paths += [(f"R{region}",)] * (not states)
        for state in range(states):
            sites = draw(st.integers(0, 3))
            paths += [(f"R{region}", f"S{state}")] * (not sites)
            paths += [(f"R{region}", f"S{state}", f"site {site}") for site in range(sites)]
    rows = [(path, draw(st.lists(COUNTS, min_size=columns, max_size=columns))) for path in paths]
    return Table.of("T", [f"c{k}" for k in range(columns)], rows)


def ranges(found: Sequence[Inferred]) -> list[attacker.Range]:
    return [(r.least, r.most) for r in found]


def far(number: int | None) -> int:
    return 10**9 if number is None else number


def holds(release: Release) -> None:
    """The attacker's linear programs find no withheld count bounded more closely than
    docs/disclosure.md allows."""
    threshold = release.threshold
    hidden = [cell for cell, n in zip(release.shape.cells, release.counts, strict=True) if n is None]
    small = {w.cell for w in release.withheld if w.why == "primary"}
    assert hidden == [w.cell for w in release.withheld]
    reader = attacker.reader(release)
    for cell, (least, most) in zip(hidden, reader, strict=True):
        assert far(most) - least >= threshold, cell
        assert cell not in small or (least == 0 and far(most) >= threshold), cell
    insider, marks = attacker.insider(release), attacker.insider(release, shown=False)
    for cell, (least, most), (marked, top) in zip(hidden, insider, marks, strict=True):
        assert cell in small or far(most) - least >= min(threshold - 2, far(top) - marked), cell
        assert cell not in small or (least, most) == (marked, top), cell
    assert ranges(infer(release)) == reader
    assert ranges(infer(release, insider=True)) == insider


class TestAttacker:
    """No suppressed count can be bounded more tightly than the threshold."""

    @pytest.mark.slow
    @given(tables())
    def test_tables(self, table: Table) -> None:
        holds(suppress(table))

    @pytest.mark.slow
    @given(trees())
    def test_regions_states_and_subrecipients(self, table: Table) -> None:
        holds(suppress(table))

    @given(tables(4), st.integers(2, 30))
    def test_any_threshold(self, table: Table, threshold: int) -> None:
        holds(suppress(table, threshold))

    @given(trees())
    def test_what_is_shown_is_true_and_what_is_withheld_has_a_reason(self, table: Table) -> None:
        release = suppress(table)
        assert suppress(table) == release
        reasons = {w.cell: w for w in release.withheld}
        for cell, n, true in zip(release.shape.cells, release.counts, table.values, strict=True):
            assert n == (None if cell in reasons else true)
            assert not 0 < true < 11 or reasons[cell].why == "primary"
            if cell in reasons and true >= 11:
                assert reasons[cell].why == "complementary"
                assert reasons[cell].protects
                assert set(reasons[cell].protects) <= set(reasons)
        assert all(table.values[table.shape.place[cell]] for cell in reasons), "a zero is always shown"

    @given(trees(), st.data())
    def test_the_audit_sees_what_the_programmes_see(self, table: Table, data: st.DataObject) -> None:
        """Show one withheld cell again: the audit finds something just where an attacker does."""
        release = suppress(table)
        if not release.withheld:
            return
        shown = data.draw(st.sampled_from(release.withheld))
        at = release.shape.place[shown.cell]
        counts = [*release.counts[:at], table.values[at], *release.counts[at + 1 :]]
        broken = evolve(release, counts=counts, withheld=[w for w in release.withheld if w is not shown])
        found = bool(audit(broken))
        try:
            holds(broken)
            safe = not 0 < table.values[at] < 11
        except AssertionError:
            safe = False
        assert found == (not safe)


class TestWithholding:
    def test_a_total_that_would_tell_is_withheld_too(self) -> None:
        release = suppress(flat([[3, 40], [50, 60]]))
        assert str(release).splitlines() == [
            "T",
            "           c0        c1  Total",
            "All        53       100    153",
            "r0   withheld  withheld     43",
            "r1   withheld  withheld    110",
        ]
        assert [str(w) for w in release.withheld] == [
            "r0, c0: withheld, a small count",
            "r0, c1: withheld, to protect r0, c0",
            "r1, c0: withheld, to protect r0, c0",
            "r1, c1: withheld, to protect r0, c0",
        ]

    def test_two_in_each_row_and_column_are_not_enough(self) -> None:
        """Two squares of withheld counts, and the small one that joins them: each row and column
        lacks two or more."""
        table = flat([[20, 20, 30, 30], [20, 20, 5, 30], [30, 30, 20, 20], [30, 30, 20, 20]])
        squares = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 2), (2, 3), (3, 2), (3, 3)]
        hidden = {TableCell((f"r{row}",), f"c{column}") for row, column in [*squares, (1, 2)]}
        counts = [None if c in hidden else n for c, n in zip(table.shape.cells, table.values, strict=True)]
        (found,) = audit(Release(title="T", shape=table.shape, threshold=11, counts=counts))
        assert (str(found.place), found.found) == ("r1!c2", "5 to 5")
        assert len(suppress(table).withheld) == 4

    def test_nothing_small_nothing_withheld(self) -> None:
        assert suppress(flat([[0, 11], [400, 0]])).withheld == ()

    def test_all_small(self) -> None:
        assert [n for n in suppress(flat([[1, 2], [0, 3]])).counts if n is not None] == [0]

    def test_a_large_total_of_small_counts(self) -> None:
        """The total of c0 is not small, and yet whoever knows that its counts are knows that it is
        20 at most."""
        table = flat([[3, 0], [9, 1], [0, 6]])
        holds(suppress(table))

    def test_cells_that_are_asked_for(self) -> None:
        release = suppress(flat([[30, 40], [50, 0]]), also=[TableCell(("r0",), "c0"), TableCell(("r1",), "c1")])
        assert release.count(("r0",), "c0") is None
        assert release.count(("r1",), "c1") == 0
        assert str(release.withheld[0]) == "all, c0: withheld, to protect r0, c0"
        assert str(Withheld(TableCell(("r0",), "c0"), "complementary")) == "r0, c0: withheld, as was asked"
        assert not audit(release)

    @pytest.mark.parametrize("threshold", [1, 0, -3])
    def test_a_threshold_that_protects_nobody(self, threshold: int) -> None:
        with pytest.raises(Inexact):
            suppress(flat([[1]]), threshold)

    @given(tables(2))
    def test_never_fewer_than_the_fewest(self, table: Table) -> None:
        """Every smaller pattern is tried; where one passes the audit too, ours has at most two
        cells more."""
        ours = suppress(table)
        open_cells = [at for at, n in enumerate(ours.counts) if table.values[at] >= 11]
        primary = {ours.shape.cells[at] for at, n in enumerate(table.values) if 0 < n < 11}
        fewest = len(ours.withheld) - len(primary)
        for size in range(fewest):
            for chosen in combinations(open_cells, size):
                cells = primary | {ours.shape.cells[at] for at in chosen}
                counts = [None if c in cells else n for c, n in zip(ours.shape.cells, table.values, strict=True)]
                reasons = [Withheld(c, "primary" if c in primary else "complementary") for c in sorted(cells)]
                if not audit(Release(title="T", shape=ours.shape, threshold=11, counts=counts, withheld=reasons)):
                    assert len(ours.withheld) - len(primary) <= size + 2
                    return


class TestInsider:
    """Whoever knows which counts are small knows that every other withheld count is the threshold
    or more."""

    @pytest.mark.parametrize(
        ("rows", "small"),
        [([[10, 11], [11, 11]], ("r0", "c0")), ([[11, 13, 11, 1, 11]], ("r0", "c3")), ([[30, 3]], ("r0", "c1"))],
    )
    def test_he_cannot_compute_the_small_count(self, rows: list[list[int]], small: tuple[str, str]) -> None:
        release = suppress(flat(rows))
        holds(release)
        (found,) = (r for r in infer(release, insider=True) if r.cell == TableCell(small[:1], small[1]))
        assert (found.least, found.most) == (1, 10)


class TestTable:
    def test_counting_persons(self) -> None:
        persons = [(("Region 6", "TX"), "adult")] * 12 + [(("Region 4", "GA"), "child")] * 2
        table = Table.counted("T", ("adult", "child"), persons)
        assert table.shape.paths == ((), ("Region 4",), ("Region 4", "GA"), ("Region 6",), ("Region 6", "TX"))
        assert table.values == (12, 2, 14, 0, 2, 2, 0, 2, 2, 12, 0, 12, 12, 0, 12)

    @pytest.mark.parametrize(
        ("columns", "leaves"),
        [
            ((), [("a",)]),
            (("c",), []),
            (("c", "c"), [("a",)]),
            ((TOTAL,), [("a",)]),
            (("c",), [("a",), ("a",)]),
            (("c",), [("a",), ("a", "b")]),
            (("c",), [()]),
        ],
    )
    def test_what_is_no_table(self, columns: tuple[str, ...], leaves: list[tuple[str, ...]]) -> None:
        if leaves == [()]:
            assert Shape(columns, leaves).paths == ((),), "one row, the whole"
            return
        with pytest.raises(NotATable):
            Shape(columns, leaves)

    def test_what_is_no_count(self) -> None:
        with pytest.raises(Inexact, match="cannot be negative; found -1"):
            flat([[-1]])
        for bad in (True, 1.0, "1"):
            with pytest.raises(TypeError):
                flat([[bad]])  # type: ignore[list-item]
        with pytest.raises(NotATable):
            Table.of("T", ("a", "b"), [(("r",), (1,))])
        with pytest.raises(Unknown):
            Table.counted("T", ("adult",), [(("r",), "child")])

    def test_one_text_is_no_path(self) -> None:
        for made in (
            lambda: Table.of("T", ("a",), [("TX", (1,))]),
            lambda: Table.counted("T", ("a",), [("TX", "a")]),
            lambda: Shape(("a",), ("TX",)),
            lambda: suppress(flat([[1]])).count("r0", "c0"),
        ):
            with pytest.raises(TypeError, match="a path must be several texts"):
                made()

    @pytest.mark.parametrize("twin", ["Jose\u0301", "Jos\u00e9\u200b", " Jos\u00e9"])
    def test_names_that_look_alike(self, twin: str) -> None:
        for columns, leaves in (
            (("a",), [("Jos\u00e9",), (twin,)]),
            (("a",), [("Jos\u00e9", "x"), (twin, "y")]),
            (("Jos\u00e9", twin), [("r",)]),
        ):
            with pytest.raises(NotATable):
                Shape(columns, leaves)

    @pytest.mark.parametrize("name", ["a\nb", "a\x1b[2K", "a\u2028b", "a\rb"])
    def test_names_that_would_print_as_something_else(self, name: str) -> None:
        for title, columns, leaves in ((name, ["c"], ["r"]), ("T", [name], ["r"]), ("T", ["c"], [name])):
            with pytest.raises(NotATable, match="has a line break or another control character"):
                Table(title, Shape(columns, [leaves]), [[1]])
        with pytest.raises(NotATable):
            Release(title=name, shape=Shape(["c"], [["r"]]), threshold=11, counts=[20] * 4)

    def test_very_large_counts_and_thresholds(self) -> None:
        assert suppress(flat([[10**15, 3]]), 10**15).threshold == 10**15
        for refused in (lambda: flat([[2**60]]), lambda: suppress(flat([[1]]), 10**20)):
            with pytest.raises(Inexact, match=r"is at most 10\^15"):
                refused()

    def test_a_tree_of_any_depth(self) -> None:
        deep = tuple(f"level {k}" for k in range(1200))
        table = Table.of("T", ("a", "b"), [(deep, (3, 40)), (("other",), (50, 60))])
        assert table.values[:3] == (53, 100, 153)
        assert len(table.shape.paths) == 1202

    def test_a_share_is_withheld_with_what_would_tell_it(self) -> None:
        release = suppress(flat([[3, 40], [50, 60]]))
        assert release.share((), "c0") == Decimal("34.6")
        assert release.share(("r0",), "c0") is None
        assert release.share(("r0",), "c1") is None
        assert suppress(flat([[0, 0], [50, 61]])).share(("r0",), "c0") is None
        assert suppress(flat([[1, 25, 40]])).share(("r0",), TOTAL) == 100
        assert suppress(flat([[1, 5]])).share(("r0",), TOTAL) is None
        with pytest.raises(Unknown):
            release.share(("r9",), "c0")

    def test_the_page_says_that_and_not_why(self) -> None:
        release = suppress(flat([[3, 40], [50, 60]], "<b>"))
        page = release._repr_html_()
        assert page.count("withheld") == 4
        assert "&lt;b&gt;" in page
        assert "small" not in page


class TestAudit:
    """The audit knows what is shown and nothing of the table."""

    SHAPE = Shape(("c0", "c1"), (("r0",), ("r1",)))

    def causes(self, *counts: int | None) -> set[str]:
        return {f.cause for f in audit(Release(title="T", shape=self.SHAPE, threshold=11, counts=counts))}

    def test_each_leak(self) -> None:
        assert self.causes(53, 100, 153, 3, 40, 43, 50, 60, 110) == {"small"}
        assert self.causes(53, 100, 153, None, 40, 43, 50, 60, 110) == {"narrow"}
        assert self.causes(53, 100, 154, None, None, 43, None, None, 110) == {"contradiction"}
        assert self.causes(53, 100, 153, None, None, 43, None, None, 110) == set()

    def test_a_negative_count(self) -> None:
        assert self.causes(50, 100, 150, -3, 40, 37, 53, 60, 113) == {"negative"}

    def test_it_says_where_and_what(self) -> None:
        counts = (53, 100, 153, None, 40, 43, 50, 60, 110)
        (found,) = audit(Release(title="T", shape=self.SHAPE, threshold=11, counts=counts))
        assert str(found) == (
            "r0!c0: a reader can infer this withheld count too closely, expected bounds 11 apart; found 3 to 3"
        )

    def test_reasons_that_cannot_be(self) -> None:
        counts = (53, 100, 153, None, None, 43, None, None, 110)
        reasons = [Withheld(TableCell(("r0",), column), "primary") for column in ("c0", "c1")]
        assert {
            f.cause for f in audit(Release(title="T", shape=self.SHAPE, threshold=11, counts=counts, withheld=reasons))
        } == {"contradiction"}

    def test_nothing_is_reckoned_from_a_contradiction(self) -> None:
        assert (
            infer(
                Release(
                    title="T", shape=self.SHAPE, threshold=11, counts=(53, 100, 154, None, None, 43, None, None, 110)
                )
            )
            == ()
        )


def grown(before: Table, more: Sequence[Sequence[int]]) -> Table:
    counts = [[a + b for a, b in zip(*rows, strict=True)] for rows in zip(before.counts, more, strict=True)]
    return evolve(before, counts=counts)


@st.composite
def successions(draw: st.DrawFn, many: int = 2) -> list[Table]:
    found, growth = (
        [draw(tables(3) if many > 2 else st.one_of(tables(3), trees()))],
        st.one_of(st.just(0), st.integers(1, 30)),
    )
    for _ in range(many - 1):
        rows = found[-1].counts
        found.append(grown(found[-1], [draw(st.lists(growth, min_size=len(row), max_size=len(row))) for row in rows]))
    return found


def released(tables: Sequence[Table]) -> list[Release]:
    """Each table as it may be published after the one before it; as many as may be."""
    found = [suppress(tables[0])]
    for table in tables[1:]:
        try:
            found.append(suppress_again(table, found[-1]))
        except Rejected:
            break
    return found


def told_to_the_insider(then: Table, now: Table, release: Release) -> bool:
    """Whether one who knows every earlier count, and which counts and growths are small, learns of
    a small count, or of a small growth, from what a release shows."""
    threshold = release.threshold
    pairs = zip(then.values, now.values, release.counts, strict=True)
    small = [0 < b < threshold or 0 < b - a < threshold for a, b, n in pairs if n is None]
    found, marks = (attacker.growth_insider(then, now, release, shown) for shown in (True, False))
    return any(few and a != b for few, a, b in zip(small, found, marks, strict=True))


def told_together(*releases: Release) -> bool:
    """Whether one linear program over all releases, where no count goes down, tells a withheld
    count or a small growth, between any two of them, too closely."""
    shape, threshold = releases[0].shape, releases[0].threshold
    size, many = len(shape.cells), len(releases)
    rows = [{at + k * size: f for at, f in row.items()} for row in attacker.sums(shape) for k in range(many)]
    shown = [n for release in releases for n in release.counts]
    bounds: list[attacker.Range] = [(0, None) if n is None else (n, n) for n in shown]
    growing = [{at: 1, at + size: -1} for at in range(size * (many - 1))]
    hidden = [at for at, n in enumerate(shown) if n is None]
    reasons = {(k, shape.place[w.cell]): w.why for k, release in enumerate(releases) for w in release.withheld}
    small = [reasons.get(divmod(at, size)) == "primary" for at in hidden]
    found = attacker.program(rows, bounds, [{at: 1} for at in hidden], growing)
    for few, (least, most) in zip(small, found, strict=True):
        if far(most) - least < threshold or (few and (least > 0 or far(most) < threshold)):
            return True
    pairs = [(at + a * size, at + b * size) for a, b in combinations(range(many), 2) for at in range(size)]
    known = [(shown[a], shown[b]) for a, b in pairs]
    if any(a is not None and b is not None and 0 < b - a < threshold for a, b in known):
        return True
    open_pairs = [pair for pair, found in zip(pairs, known, strict=True) if None in found]
    more = attacker.program(rows, bounds, [{a: -1, b: 1} for a, b in open_pairs], growing)
    return any(far(b) - a < threshold and (a, b) != (0, 0) and a < threshold for a, b in more)


class TestReleases:
    """Successive releases are checked against each other, since differences reveal."""

    @pytest.mark.slow
    @given(successions())
    def test_together_they_tell_no_more_than_each_may(self, pair: list[Table]) -> None:
        found = released(pair)
        assert len(found) == 2
        assert audit_releases(*found) == ()
        assert not told_together(*found)
        assert not told_to_the_insider(pair[0], pair[1], found[-1])

    @pytest.mark.slow
    @given(successions(3))
    def test_each_checked_against_the_last_is_enough_for_all(self, three: list[Table]) -> None:
        assert not told_together(*released(three))

    @pytest.mark.slow
    @given(successions(3))
    def test_later_figures_tell_an_insider_no_small_count(self, three: list[Table]) -> None:
        """He knows which counts of each release are small, and not the earlier counts."""
        found = released(three)
        for aim in range(len(three)):
            told, marks = (attacker.series(found, three, aim, shown) for shown in (True, False))
            for (least, most), (marked, top) in zip(told, marks, strict=True):
                assert least < far(most) or marked == top

    def test_later_figures_may_narrow_what_an_insider_can_say(self) -> None:
        """Not promised: of the 2 he could say 1 to 10, and with the later figures 1 to 9."""
        tables = [flat([[0, 2, 9], [0, 1, 11]]), *[flat([[0, 2, 9], [0, 13, 11]])] * 2]
        releases = released(tables)
        told, marks = (attacker.series(releases, tables, 1, shown) for shown in (True, False))
        assert told != marks
        assert audit_releases(releases[0], releases[1]) == ()

    @given(successions(), st.data())
    def test_the_audit_of_two_sees_what_the_programme_sees(self, pair: list[Table], data: st.DataObject) -> None:
        """Two releases made apart, the later withholding what the earlier did: the audit finds
        something just where one linear program over both does."""
        before = suppress(pair[0])
        also = [cell for cell, n in zip(before.shape.cells, before.counts, strict=True) if n is None]
        after = suppress(pair[1], also=also)
        assert bool(audit_releases(before, after)) == (
            told_together(before, after) or told_to_the_insider(pair[0], pair[1], after)
        )

    def test_what_was_withheld_then_and_is_shown_now(self) -> None:
        """What is withheld in one release alone lets a reader carry bounds from the one to the
        other."""
        before, table = suppress(flat([[3, 40], [50, 60]])), flat([[14, 40], [50, 60]])
        after = suppress(table)
        assert {f.cause for f in audit_releases(before, after)} == {"shown_now"}
        again = suppress_again(table, before)
        assert {w.cell for w in before.withheld} <= {w.cell for w in again.withheld}

    BEFORE = ([30, 40], [50, 60])

    def test_a_small_growth(self) -> None:
        before, table = suppress(flat(self.BEFORE)), flat([[33, 40], [50, 60]])
        found = audit_releases(before, suppress(table))
        assert str(found[-1]) == (
            "r0!Total: the difference from the earlier release reveals a small count, "
            "expected none, or 11 and more; found 3"
        )
        after = suppress_again(table, before)
        assert after.count(("r0",), "c0") is None
        assert not audit_releases(before, after)

    def test_a_growth_that_only_the_totals_tell(self) -> None:
        """r0 and r1 are withheld then and now; nobody came to r1, and c0 grew by 2 more than r2
        did."""
        rows = [[3, 40], [50, 60], [70, 80]], [[5, 55], [50, 60], [90, 110]]
        before, after = (suppress(flat(counts)) for counts in rows)
        assert [w.cell for w in before.withheld] == [w.cell for w in after.withheld]
        found = [f for f in audit_releases(before, after) if f.cause == "difference"]
        assert [(f.place.sheet, f.place.cell, f.found) for f in found] == [("r0", "c0", "2")]
        assert not audit_releases(before, suppress_again(flat(rows[1]), before))

    def test_a_count_that_went_down(self) -> None:
        before, after = (suppress(flat(rows)) for rows in (self.BEFORE, [[30, 40], [20, 60]]))
        assert {f.cause for f in audit_releases(before, after)} == {"fewer"}
        assert not audit_releases(before, after, cumulative=False)
        with pytest.raises(Rejected):
            suppress_again(flat([[30, 40], [20, 60]]), before)

    def test_a_small_correction(self) -> None:
        before, after = (suppress(flat(rows)) for rows in (self.BEFORE, [[30, 40], [46, 64]]))
        assert {(f.place.cell, f.found) for f in audit_releases(before, after, cumulative=False)} == {
            ("c0", "-4"),
            ("c1", "4"),
        }

    def test_a_count_shown_before(self) -> None:
        before, after = (suppress(flat(rows)) for rows in (self.BEFORE, [[8, 40], [50, 60]]))
        assert "shown_before" in {f.cause for f in audit_releases(before, after, cumulative=False)}
        with pytest.raises(Rejected):
            suppress_again(flat([[8, 40], [50, 60]]), before, cumulative=False)
        assert {f.cause for f in audit_releases(after, before, cumulative=False)} == {"shown_now"}

    def test_what_was_withheld_stays_withheld_when_counts_are_corrected(self) -> None:
        before = suppress(flat([[3, 40], [50, 60]]))
        after = suppress_again(flat([[15, 40], [50, 80]]), before, cumulative=False)
        assert {w.cell for w in before.withheld} <= {w.cell for w in after.withheld}

    def test_growth_is_withheld_first(self) -> None:
        """10 came to r0, c0. Nobody came to r1, c1, so that withholding it would not help one who
        knows the growth."""
        then, now = flat([[0, 30], [50, 60]]), flat([[10, 47], [65, 60]])
        before = suppress(then)
        alone = suppress(now)
        assert {f.cause for f in audit_releases(before, alone)} == {"narrow"}
        after = suppress_again(now, before)
        assert [str(w.cell) for w in after.withheld] == ["all, c0", "all, c1", "r0, c0", "r0, c1"]
        assert not told_together(before, after)
        assert not told_to_the_insider(then, now, after)

    def test_the_first_and_the_third_of_three_corrections(self) -> None:
        """30, 45 and 33: each differs from the one before by 11 and more, the third from the first
        by 3."""
        first, second, third = (flat([[n, 80], [90, 70]]) for n in (30, 45, 33))
        both = suppress_again(second, suppress(first), cumulative=False)
        assert both.earlier == (suppress(first),)
        with pytest.raises(Rejected, match="reveals a small count, expected none, or 11 and more; found 3"):
            suppress_again(third, both, cumulative=False)
        assert {f.found for f in audit_releases(both, suppress(third), cumulative=False)} == {"3"}
        assert not audit_releases(suppress(second), suppress(third), cumulative=False)

    def test_a_threshold_that_is_lower_than_before(self) -> None:
        before, table = suppress(flat([[30, 80], [90, 70]])), flat([[35, 80], [90, 70]])
        assert {f.cause for f in audit_releases(before, suppress(table, 3))} == {"threshold"}
        after = suppress_again(table, before, 3)
        assert after.threshold == 11
        assert after.count(["r0"], "c0") is None

    def test_a_withheld_count_that_went_down(self) -> None:
        """8, then 3, both withheld: the reasons hold the counts, and without them no earlier counts
        fit the later."""
        before, table = suppress(flat([[8, 40], [50, 60]])), flat([[3, 45], [50, 60]])
        assert {(f.place.sheet, f.cause) for f in audit_releases(before, suppress(table))} == {
            ("All", "fewer"),
            ("r0", "fewer"),
        }
        with pytest.raises(Rejected, match="this count went down"):
            suppress_again(table, before)
        with pytest.raises(Rejected, match="counts went down"):
            suppress_again(
                flat([[4, 56], [56, 4]]),
                Release(
                    title="T",
                    shape=table.shape,
                    threshold=11,
                    counts=[40, 20, 60, *[None, None, 40], *[None, None, 20]],
                ),
            )

    def test_an_earlier_release_without_its_reasons(self) -> None:
        before, table = evolve(suppress(flat([[3, 40], [50, 60]])), withheld=()), flat([[9, 40], [50, 90]])
        after = suppress_again(table, before)
        assert not told_together(before, after)
        assert {w.cell for w in after.withheld} >= {
            c for c, n in zip(before.shape.cells, before.counts, strict=True) if n is None
        }

    def test_the_counts_that_are_withheld_are_not_printed(self) -> None:
        release = suppress(flat([[3, 40], [50, 60]]))
        assert [w.count for w in release.withheld] == [3, 40, 50, 60]
        assert "count=3" not in repr(release)
        again = [str(w) for w in suppress_again(flat([[5, 55], [50, 80]]), release).withheld]
        assert "all, c0: withheld, since it grew by few" in again
        assert "r1, c0: withheld, as in an earlier release" in again

    def test_rows_that_are_new_gone_or_divided(self) -> None:
        before, more = suppress(flat(self.BEFORE)), suppress(flat([*self.BEFORE, [20, 0]]))
        assert not audit_releases(before, more)
        (gone,) = audit_releases(more, before)
        assert (gone.cause, gone.place.sheet) == ("shape", "r2")
        for cumulative in (True, False):
            with pytest.raises(Rejected, match="r2: this row cannot be compared"):
                suppress_again(flat(self.BEFORE), more, cumulative=cumulative)
        other = suppress(Table.of("T", ("c0", "c9"), [(("r0",), (30, 40)), (("r1",), (50, 60))]))
        assert [(f.place.sheet, f.problem) for f in audit_releases(before, other)] == [
            ("", "the columns cannot be compared")
        ]
        divided = suppress(Table.of("T", ("c0", "c1"), [(("r0", "a"), (30, 40)), (("r1",), (50, 60))]))
        assert {f.cause for f in audit_releases(before, divided)} == {"shape"}

    def test_a_release_that_leaks_alone(self) -> None:
        before = suppress(flat(self.BEFORE))
        leak = evolve(before, counts=[None, *before.counts[1:]])
        assert audit_releases(before, leak) == audit(leak) != ()


@st.composite
def breakdowns(draw: st.DrawFn) -> list[Table]:
    """The same persons of up to four rows, in up to three columns each way; the persons of a row
    divided anew."""
    first = draw(st.one_of(tables(3), trees()))
    columns = draw(st.integers(1, 3))
    rows = []
    for path, counts in zip(first.shape.leaves, first.counts, strict=True):
        left, parts = sum(counts), list[int]()
        for _ in range(columns - 1):
            parts.append(draw(st.one_of(st.just(0), st.just(left), st.integers(0, left))))
            left -= parts[-1]
        rows.append((path, [*parts, left]))
    return [first, Table.of("By service", [f"service {k}" for k in range(columns)], rows)]


@pytest.mark.slow
class TestLinked:
    """Two tables of the same persons tell a reader no more together than each may tell alone."""

    @given(breakdowns())
    def test_together_they_tell_no_more(self, pair: list[Table]) -> None:
        releases = suppress_linked(pair)
        for release, found in zip(releases, attacker.linked(releases), strict=True):
            for why, (least, most) in zip(release.withheld, found, strict=True):
                assert far(most) - least >= release.threshold
                assert why.why != "primary" or (least == 0 and far(most) >= release.threshold)

    @pytest.mark.slow
    @given(breakdowns())
    def test_together_they_tell_the_insider_no_more_than_the_marks(self, pair: list[Table]) -> None:
        releases = suppress_linked(pair)
        told, marks = attacker.linked_insider(releases), attacker.linked_insider(releases, shown=False)
        for release, ranges_told, ranges_marked in zip(releases, told, marks, strict=True):
            every = zip(release.withheld, ranges_told, ranges_marked, strict=True)
            for why, (least, most), (marked, top) in every:
                assert why.why != "primary" or (least, most) == (marked, top), why.cell
                assert far(most) - least >= min(release.threshold - 2, far(top) - marked), why.cell

    def test_the_insider_of_two_tables(self) -> None:
        """The tables hold one by one; together they would tell who knows the small counts that the
        5 is 2 or more."""
        releases = suppress_linked([flat([[0, 21], [5, 9]]), flat([[8, 13], [14, 0]], "By service")])
        five = [why.cell for why in releases[0].withheld].index(TableCell(("r1",), "c0"))
        assert attacker.linked_insider(releases)[0][five] == (1, 10)

    def test_a_count_that_each_table_hides_and_both_tell(self) -> None:
        """The same totals withheld in both are not enough: the 9 of r0 would be known exactly."""
        releases = suppress_linked([flat([[9, 10], [32, 0], [29, 0]]), flat([[0, 19], [32, 0], [2, 27]])])
        for found in attacker.linked(releases):
            assert all(far(most) - least >= 11 for least, most in found)

    AGE = Table.of("By age", ("adult", "child"), [(("TX",), (30, 3)), (("LA",), (40, 60))])
    SERVICE = Table.of("By service", ("shelter", "legal"), [(("TX",), (20, 13)), (("LA",), (50, 50))])

    def test_a_total_withheld_in_one_and_shown_in_the_other(self) -> None:
        """Withheld beside it in the table by age, the total of TX would tell of the 3 when the
        other table shows it."""
        age = suppress(self.AGE, also=[TableCell(("TX",), TOTAL), TableCell(("LA",), TOTAL)])
        service = suppress(self.SERVICE)
        assert {(f.cause, f.place.file) for f in audit_linked([age, service])} == {("shown_elsewhere", "By age")}
        assert not audit_linked(suppress_linked([self.AGE, self.SERVICE]))

    def test_totals_that_only_the_other_table_bounds(self) -> None:
        """One column: the total of TX is the one count of it, which the counts by age would give as
        a sum."""
        one = Table.of("All", ("persons",), [(("TX",), (33,)), (("LA",), (100,))])
        both = suppress_linked([self.AGE, one])
        assert not audit_linked(both)
        hidden = suppress(one, also=[TableCell(("TX",), "persons")])
        assert hidden.count(("TX",)) is None
        assert audit_linked([suppress(self.AGE), hidden])

    def test_tables_of_other_persons(self) -> None:
        other = Table.of("By service", ("shelter",), [(("TX",), (34,)), (("LA",), (100,))])
        for tables in ([self.AGE, other], [self.AGE, flat([[1]])]):
            with pytest.raises(NotATable, match="the same rows and the same totals"):
                suppress_linked(tables)
