"""The auditor's sample of a claim or request: which lines are drawn, and what is found in them,
projected.

What is drawn depends on nothing but the document and the seed: numbers are SHA-256 digests of texts
that anyone can make again. Amounts are cents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from hashlib import sha256
from typing import Literal, TypeAlias, get_args

from attrs import frozen

from grantcalc.billing.lines import Line
from grantcalc.errors import Unknown
from grantcalc.money import plain, round_half_away

SampleMethod: TypeAlias = Literal["monetary unit", "attribute"]
SAMPLE_METHODS: tuple[SampleMethod, ...] = get_args(SampleMethod)

_LIMITS = (
    "This is a point estimate. It has no allowance for sampling risk: no upper limit and no level of confidence. "
    "It says nothing of what should have been claimed and was not."
)
_BY_UNIT = (
    "Method: monetary unit sampling with a fixed interval of {}. A line below the interval counts with its taint (the "
    "deviation ÷ the amount of the line) × the interval; a line of the interval or more was certain to be drawn, and "
    "counts with its own deviation."
)
_BY_ATTRIBUTE = (
    "Method: each line had the same chance to be drawn; the rate of the sample is projected over the population. A "
    "rate of lines is not an amount: none is projected."
)


@frozen(kw_only=True)
class SampledLine:
    """A line that was drawn: its number, its cell, how often a selected cent fell into it, and the
    rows of the inputs that give it, where they were asked for."""

    number: int
    place: str
    line: Line
    hits: int = 1
    rows: tuple[str, ...] = ()


@frozen(kw_only=True)
class Sample:
    """Lines drawn from a document: by which method, of how many items, by which seed; and the
    population, its lines and cents. Lines of nothing and credits are outside a population of
    monetary units: `outside` of them, with the cents.

    `parts` is the digest of its parts that the document states.
    """

    document: str
    parts: str
    method: SampleMethod
    items: int
    seed: int
    lines: int
    amount: int
    outside: tuple[int, int]
    drawn: tuple[SampledLine, ...]

    @property
    def interval(self) -> Fraction:
        """The sampling interval of monetary units, in cents: the population divided by the number
        of items."""
        return Fraction(self.amount, self.items)


@frozen(kw_only=True)
class SampleProjection:
    """What was found in a sample and what it comes to in the population. Cents, positive where too
    much was claimed.

    By monetary unit `over` and `under` are projected separately; by attribute they are 0, and
    `deviations` are counted.
    """

    sample: Sample
    deviations: int
    known: int
    over: int = 0
    under: int = 0

    @property
    def net(self) -> int:
        """What is projected in all: over, less under."""
        return self.over - self.under

    def sentences(self) -> tuple[str, ...]:
        """What was found and projected, by which method, and what it does not claim."""
        s, many = self.sample, len(self.sample.drawn)
        told = f"{self.deviations} of {many} lines deviate; by them {plain(self.known)} too much was claimed."
        if s.method == "attribute":
            rate, lines = Fraction(self.deviations, many), round_half_away(self.deviations * s.lines, many)
            figure = f"Rate of deviation: {_percent(rate)}; at that rate {lines:,} of the {s.lines:,} lines deviate."
            return told, figure, _BY_ATTRIBUTE, _LIMITS
        net = f"{plain(self.net)} ({_percent(Fraction(self.net, s.amount))}) of the population of {plain(s.amount)}"
        figure = f"Projected: {plain(self.over)} too much and {plain(self.under)} too little, net {net}."
        outside = (
            f"Outside the population: {s.outside[0]:,} lines of nothing or of credits, {plain(s.outside[1])} in all."
        )
        return told, figure, _BY_UNIT.format(plain(round_half_away(s.amount, s.items))), outside, _LIMITS


def drawn_lines(
    lines: Sequence[Line], parts: str, items: int, seed: int, method: SampleMethod
) -> Iterator[tuple[int, int]]:
    """The numbers of the lines that are drawn, counted from 1, each with how often, in order of the
    lines.

    By monetary unit: r is SHA-256 of `grantcalc sample`, the digest of the parts and the seed, one
    a line, modulo the population in cents; each k from 0 selects the cent (r + k × population) ÷
    items, cut to a whole one. By attribute: lines are ordered by SHA-256 of the same with the
    number of the line at the end, and the first are drawn.
    """
    if items < 1:
        raise Unknown("number of items", "1 or more", length=len(str(items)))
    if method == "attribute":
        numbers = range(1, len(lines) + 1)
        first = sorted(numbers, key=lambda n: _digest(parts, seed, n))[:items]
        yield from ((number, 1) for number in sorted(first))
        return
    amount = sum(max(0, line.amount) for line in lines)
    start, before, k = (int(_digest(parts, seed), 16) % amount if amount else 0), 0, 0
    for number, line in enumerate(lines, 1):
        before, hits = before + max(0, line.amount), 0
        while k < items and start + k * amount < before * items:
            k, hits = k + 1, hits + 1
        if hits:
            yield number, hits


def project(sample: Sample, supported: Mapping[int, int], deviating: Mapping[int, bool]) -> SampleProjection:
    """What was found in a sample, projected. `supported` has, by the number of each line drawn, the
    cents that its support gives; `deviating` says of each line of a sample by attribute whether it
    deviates."""
    found = {d.number: d.line.amount - supported.get(d.number, d.line.amount) for d in sample.drawn}
    if sample.method == "attribute":
        count = sum(deviating.get(d.number, False) for d in sample.drawn)
        return SampleProjection(sample=sample, deviations=count, known=sum(found.values()))
    over = under = Fraction(0)
    for each in sample.drawn:
        error = Fraction(found[each.number])
        if each.line.amount < sample.interval:
            error *= sample.interval / each.line.amount
        over, under = over + max(error, Fraction(0)), under + max(-error, Fraction(0))
    return SampleProjection(
        sample=sample,
        deviations=sum(1 for error in found.values() if error),
        known=sum(found.values()),
        over=round_half_away(over.numerator, over.denominator),
        under=round_half_away(under.numerator, under.denominator),
    )


def _digest(parts: str, seed: int, *more: int) -> str:
    return sha256("\n".join(map(str, ("grantcalc sample", parts, seed, *more))).encode()).hexdigest()


def _percent(share: Fraction) -> str:
    tenths = round_half_away(share.numerator * 1000, share.denominator)
    return f"{'-' if tenths < 0 else ''}{abs(tenths) // 10}.{abs(tenths) % 10}%"
