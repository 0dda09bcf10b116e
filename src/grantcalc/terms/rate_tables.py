"""Rate tables as a notice prints them: each cell becomes a dated entry of its service before the
terms are read.

A table of a service is text, so that a person can hold it beside the notice:

    [[services.lunches.tables]]
    cite = "rates_2024"
    effective = 2024-07-01
    published = 2024-07-10
    through = 2025-06-30
    across = "class"
    rates = '''
    unit         contiguous  alaska  hawaii
    free_lunch         4.43    7.18    5.76
    paid_lunch         0.42    0.69    0.55
    '''

The first row names the columns. A column with the name of a key of an entry gives that key row by
row, and every other column gives the rates of one value of `across`. What is the same for the whole
table stands above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from grantcalc.money import EXACT
from grantcalc.provenance import Word
from grantcalc.terms.parsing import Parser
from grantcalc.terms.vocabulary import one_of
from grantcalc.toml import line_of_key

DATES = ("effective", "published", "through")
RATE_KEYS = ("phase", "unit", "class", "size")
"""What a rate may be keyed by, besides the dimensions that the terms declare."""

MOST_CELLS = 4_000
"""The most cells of the tables of one file. The longest that ships has some 900."""

_SUM = re.compile(r"=?\d{1,12}(\.\d{1,12})?([+-]\d{1,12}(\.\d{1,12})?){0,8}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ABOVE = re.compile(r"above_(\d{1,3})")


def with_tables(document: Mapping[str, Any], parser: Parser) -> dict[str, Any]:
    """The document with the cells of each service's tables as entries of its `rates` and `slope`.
    What is wrong in a table becomes a finding of the parser, at the line of the row."""
    services = document.get("services")
    if not isinstance(services, dict):
        return dict(document)
    dimensions = document.get("dimensions")
    keys = (*RATE_KEYS, *(dimensions if isinstance(dimensions, dict) else ()))
    cells = [0]
    read = {
        id: _service(id, service, parser, keys, cells) if isinstance(service, dict) and "tables" in service else service
        for id, service in services.items()
    }
    return {**document, "services": read}


def _service(
    id: str, service: Mapping[str, Any], parser: Parser, keys: tuple[str, ...], cells: list[int]
) -> dict[str, Any]:
    """A service with its tables as entries, and what follows their last values left to the
    award."""
    path = f"services.{id}"
    tables = service["tables"]
    entries: list[tuple[dict[str, Any], int]] = []
    for n, table in enumerate(tables if isinstance(tables, list) else [tables]):
        where = f"{path}.tables[{n}]"
        parser.lines[where] = _line_of_table(parser.content, id, n)
        entries += _RateTable(where, parser.table(table, where), parser, keys).entries(cells)
    later = parser.table(service.get("later"), f"{path}.later")
    parser.known_keys(later, f"{path}.later", "open cite")
    if later:
        _leave_to_award([entry for entry, _ in entries], later, keys)
    result = {key: value for key, value in service.items() if key not in ("tables", "later")}
    for kind in ("rates", "slope"):
        of_kind = [(entry, line) for entry, line in entries if ("above" in entry) == (kind == "slope")]
        if of_kind:
            own = result.get(kind, [])
            own = own if isinstance(own, list) else [own]
            for n, (_, line) in enumerate(of_kind, len(own)):
                parser.lines[f"{path}.{kind}[{n}]"] = line
            result[kind] = [*own, *(entry for entry, _ in of_kind)]
    return result


def _series(entry: Mapping[str, Any], keys: tuple[str, ...]) -> tuple[str, ...]:
    """What an entry is the rate of: the entries of one series have the same."""
    above = f"above_{entry['above']}" if "above" in entry else ""
    words = (*(str(entry.get(name, "")) for name in keys), str(entry.get("is", "")), above)
    return tuple(word for word in words if word)


def _leave_to_award(entries: list[dict[str, Any]], later: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    """Where a series ends, the award fills in what holds from that day on: after the last value
    under the key of the series, between two values under that key and the first day, and only to
    the day before the next value."""
    series: dict[tuple[str, ...], dict[date, dict[str, Any]]] = {}
    for entry in sorted(entries, key=lambda e: (e["effective"], "value" in e, e["published"])):
        series.setdefault(_series(entry, keys), {})[entry["effective"]] = entry
    for words, by_day in series.items():
        days, key = [*by_day], (str(later.get("open", "rate")), *words)
        for day, following in zip(days, (*days[1:], None), strict=True):
            entry = by_day[day]
            if entry.get("ends") is not True:
                continue
            entry["open"] = ".".join(key if following is None else (*key, f"{day:%Y_%m_%d}"))
            entry["cite"] = later.get("cite")
            if following is not None:
                entry["until"] = following - timedelta(days=1)


class _RateTable:
    """One table of a service, read row by row."""

    def __init__(self, where: str, table: Mapping[str, Any], parser: Parser, keys: tuple[str, ...]) -> None:
        self.where, self.parser, self.keys = where, parser, keys
        self.columns = (*DATES, "cite", *keys)
        parser.known_keys(table, where, f"across rates {' '.join(self.columns)}")
        self.given = {key: table[key] for key in self.columns if key in table}
        self.across = table.get("across")
        if self.across is not None and self.across not in keys:
            parser.add(f"{where}.across", "across", "this is not what a rate may be keyed by", one_of(keys))
        text = table.get("rates")
        if not isinstance(text, str):
            parser.add(f"{where}.rates", "rates", "the rates of a table must be text", "rows of words")
        self.text = text if isinstance(text, str) else ""

    def entries(self, cells: list[int]) -> Iterator[tuple[dict[str, Any], int]]:
        """The entries of the table, each with the line of its row."""
        rows = [(n, row.split()) for n, row in enumerate(self.text.split("\n")) if row.strip()]
        if not rows:
            return
        first = self._first_row()
        (number, head), *rest = rows
        if not self._columns(head, first + number):
            return
        for number, row in rest:
            line = first + number
            cells[0] += len(row)
            if cells[0] > MOST_CELLS:
                self._add(line, "the tables of this file have too many cells", f"at most {MOST_CELLS:,}")
                return
            if len(row) != len(head):
                self._add(line, "a row must have a word for each column", f"{len(head)} words", str(len(row)))
                continue
            yield from ((entry, line) for entry in self._row(dict(zip(head, row, strict=True)), line))

    def _first_row(self) -> int:
        """The line of the text's first row: that of its key, or of the table where the key is not
        seen."""
        begin = self.parser.lines[self.where]
        lines = self.parser.content.split("\n")[begin - 1 :]
        return begin + next((n for n, line in enumerate(lines) if re.match(r"\s*rates\s*=", line)), 0) + 1

    def _columns(self, head: list[str], line: int) -> bool:
        """Whether the columns say what the table's cells are."""
        values = [name for name in head if name not in self.columns]
        wrong = len(self.parser.findings)
        if len({*head}) < len(head):
            self._add(line, "two columns have the same name", "different names")
        if twice := [name for name in head if name in self.given or name == self.across]:
            self._add(line, "a column repeats what stands above the table", f"no column {twice[0]}")
        if not values or (self.across is None and values != ["value"]):
            self._add(line, "a table without across must have one column of rates", "a column named value")
        for day in ("effective", "published", "cite"):
            if day not in self.given and day not in head:
                self._add(line, f"a table must say {day}, above it or in a column", day)
        return len(self.parser.findings) == wrong

    def _row(self, row: Mapping[str, str], line: int) -> Iterator[dict[str, Any]]:
        """The entries of one row: of each cell its rate, and its end."""
        said = {**self.given, **{key: word for key, word in row.items() if key in self.columns}}
        if said.get("through") == "-":
            del said["through"]
        read = {key: self._day(said[key], key, line) for key in DATES if key in said}
        days = {key: day for key, day in read.items() if day is not None}
        if len(days) < len(read):
            return
        if "through" in days and days["through"] < days["effective"]:
            self._add(line, "the last day of a rate must not come before its first", "effective, then through")
            return
        rest = {"effective": days["effective"], "published": days["published"], "cite": said["cite"]}
        for name, cell in row.items():
            if name in self.columns or cell == "-":
                continue
            words = {key: said[key] for key in self.keys if key in said}
            if self.across:
                above = _ABOVE.fullmatch(name) if self.across == "size" else None
                words = self._slope(words, above[1], line) if above else {**words, self.across: name}
            if cell == "ends":
                yield {**words, "ends": True, **rest}
                continue
            if not _SUM.fullmatch(cell):
                self._add(line, "a cell must be a rate, a sum of rates, ends, or - for none", "4.43, 3.93+0.40 or -")
                continue
            yield {**words, **_value(cell), **rest}
            if "through" in days:
                yield {**words, "ends": True, **rest, "effective": days["through"] + timedelta(days=1)}

    def _slope(self, words: Mapping[str, Any], above: str, line: int) -> dict[str, Any]:
        """What a slope goes by: of the keys of its row at most one."""
        if len(words) > 1 or "phase" in words:
            self._add(line, "a slope goes by a class, a unit or one dimension at most", "fewer keys beside the sizes")
        slope: dict[str, Any] = {"above": above}
        for key, word in words.items():
            slope |= {"of": key, "is": word}
        return slope

    def _day(self, value: Any, key: str, line: int) -> date | None:
        """A day of a cell, or of a key above the table; None with a finding for anything else."""
        if type(value) is date:
            return value
        if isinstance(value, str) and _DAY.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        self._add(line, f"the {key} date of a row is not a date", "a date like 2024-07-01")
        return None

    def _add(self, line: int, problem: str, expected: str, said: str = "") -> None:
        path = f"{self.where}.rates"
        self.parser.lines[path] = line
        self.parser.add(path, "table", problem, expected, Word(said) if said else None)


def _value(cell: str) -> dict[str, str]:
    """The rate of a cell; of one that was derived, with its arithmetic."""
    if cell.replace(".", "").isdigit():
        return {"value": f"{cell} USD"}
    total, said = Decimal(0), cell.removeprefix("=")
    for term in re.findall(r"[+-]?[\d.]+", said):
        total = EXACT.add(total, Decimal(term))
    said = " ".join(re.split(r"([+-])", said))
    return {"value": f"{total} USD", "derived": f"{said} = {total}"}


def _line_of_table(content: str, id: str, number: int) -> int:
    """The line of the n-th table of a service; that of the service where it is not seen."""
    heads = [m.start() for m in re.finditer(rf"(?m)^\[\[services\.{re.escape(id)}\.tables\]\]", content)]
    if number >= len(heads):
        return line_of_key(content, f"services.{id}")
    return content.count("\n", 0, heads[number]) + 1
