"""A program's terms as a person reads them, and as JSON: each value with both its dates and its
citation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from grantcalc.cases import Worked, worked_cases
from grantcalc.known import Fact
from grantcalc.terms import Terms, TermUsed, award_terms, load_terms, statement
from grantcalc.terms.parsing import BY_DEFAULT
from grantcalc.terms.rules import dated_rules

NO_CASE = "These terms pay no rate, so that there is no case to work."


def terms_page(id: str) -> dict[str, Any]:
    """A program with its values, what it leaves to the award, and its worked cases."""
    terms = load_terms(id)
    worked = Worked(NO_CASE, (), ()) if id in award_terms() else worked_cases(id)
    return {
        "id": terms.id,
        "title": terms.title,
        "status": terms.status,
        "note": terms.note,
        "phases": {name: list(kinds) for name, kinds in terms.phases.items()},
        "values": [
            {
                "term": v.term,
                "value": v.value,
                "effective": str(v.effective),
                "published": str(v.published),
                "citation": v.citation,
                "how": "" if v.value == "ends" else _how(terms, v.citation),
            }
            for v in _values(terms)
        ],
        "open": [
            {
                "term": o.key,
                "kind": o.kind,
                "options": list(o.options),
                "optional": o.optional,
                "since": str(o.since or ""),
                "until": str(o.until or ""),
                "citation": str(o.authority),
            }
            for o in terms.opens
        ],
        "worked": {
            "says": worked.says,
            "illustrative": list(worked.illustrative),
            "cases": [
                {"title": c.title, "expect": {k: str(v) for k, v in c.expect.items() if k != "lines"}}
                for c in worked.cases
            ],
        },
    }


def _how(terms: Terms, citation: str) -> str:
    """Whether a value was seen in its source, or derived from values that were; or is an
    illustration."""
    return terms.status if terms.status != "published" else "derived" if "(derived: " in citation else "seen"


def _values(terms: Terms) -> list[TermUsed]:
    """The values as they are billed by, and the bounds, which are only tested."""
    bounded: list[tuple[str, Fact[Any]]] = [
        (f"{bound.id}, {name}", fact)
        for bound in terms.bounds
        for name, series in (("at most", bound.at_most), ("waived, at most", bound.waived))
        for fact in series.facts
    ]
    bounds = [
        TermUsed(
            award="",
            term=term,
            value="ends" if fact.is_end else str(fact.value),
            effective=fact.effective,
            published=fact.published,
            citation=str(fact.authority),
        )
        for term, fact in bounded
    ]
    return [*statement("", dated_rules(terms, date.max), without=BY_DEFAULT), *bounds]


def lines_of(page: Mapping[str, Any]) -> Iterator[str]:
    """The page as lines of text."""
    yield f"{page['title']} ({page['id']}, {page['status']})"
    if page["note"]:
        yield f"  {page['note']}"
    yield ""
    yield "Values"
    for v in page["values"]:
        how = f", {v['how']}" if v["how"] else ""
        yield f"  {v['term']}: {v['value']}"
        yield f"      for service from {v['effective']}, published {v['published']}{how}: {v['citation']}"
    if page["open"]:
        yield ""
        yield "Left to the award"
        for o in page["open"]:
            options = f": {', '.join(o['options'])}" if o["options"] else ""
            from_day = f", from {o['since']}" if o["since"] else ", optional" if o["optional"] else ""
            from_day += f" to {o['until']}" if o["until"] else ""
            yield f"  {o['term']} ({o['kind']}{from_day}){options}"
    yield ""
    yield "Worked"
    yield f"  {page['worked']['says']}"
    for c in page["worked"]["cases"]:
        yield f"  {c['title']}: {', '.join(f'{k} {v}' for k, v in c['expect'].items())}"
    if page["worked"]["illustrative"]:
        yield ""
        yield "Illustrative in the worked cases, not published"
        for figure in page["worked"]["illustrative"]:
            yield f"  {figure}"
