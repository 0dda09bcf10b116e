"""Two sheets or files of one thing: which sheet of exits continues a sheet of entries, and by which
key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from grantcalc.io.intake.cells import WorkbookRead
from grantcalc.io.schemas import header_key


@frozen
class LikelyJoin:
    """A sheet that continues the rows of another: its name and title, the header of the key, and
    that of the last day."""

    name: str
    title: str
    key: str
    ends: str


def likely_joins(book: WorkbookRead) -> Iterator[tuple[str, LikelyJoin]]:
    """Sheets of entries, each with the sheet that has the exits by the same key."""
    heads = {name: _heads(book, name) for name in book.sheets}
    for name, own in heads.items():
        entries = any(key.startswith(("entry", "intake", "admi")) for key in own) and not _last_day(own)
        others = [o for o, its in heads.items() if o != name and _last_day(its) and _shared(own, its)]
        if entries and len(others) == 1:
            (other,) = others
            title = book.titles.get(other, other)
            yield name, LikelyJoin(other, title, _shared(own, heads[other])[0], _last_day(heads[other]))


def _heads(book: WorkbookRead, name: str) -> Mapping[str, str]:
    """The headers of a sheet, as they are compared, each as it is written."""
    header = next((cells for _, cells in book.sheets[name] if len(cells) > 1), ())
    return {header_key(str(cell.value)): str(cell.value) for cell in header}


def _last_day(heads: Mapping[str, str]) -> str:
    return next((text for key, text in heads.items() if key.startswith(("exit", "discharge")) and "date" in key), "")


def _shared(own: Mapping[str, str], its: Mapping[str, str]) -> list[str]:
    """Headers of both that end as a key does, that of the enrollment first."""
    keys = [its[key] for key in own if key in its and key.endswith(("id", "key", "number", "no"))]
    return sorted(keys, key=lambda text: not header_key(text).startswith(("enrol", "stay", "entry", "case")))
