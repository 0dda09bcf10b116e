"""The folder of an office that bills month after month: what `months.toml` says of it, and which
files a month has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from grantcalc.errors import Finding, Inexact, Place, Rejected, refuse
from grantcalc.files import read_file
from grantcalc.periods import Month
from grantcalc.terms.parsing import Parser
from grantcalc.terms.vocabulary import one_of
from grantcalc.toml import BYTES, decode_text, parse_toml

MONTHS_FILE = "months.toml"


@frozen(kw_only=True)
class MonthlyFiles:
    """What `months.toml` says: the ledger, the input workbooks by name, and the names of the
    documents to write.

    An input is looked for in the folder of its month, and then in the folder itself, where what
    does not change from month to month is kept. `caseloads` are billed; `claims` are posted as they
    came. Each document is written where it has a name. With `detail` the claim and the ledger have
    participants.
    """

    folder: Path
    ledger: str
    award: str
    caseloads: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ()
    detail: bool = False
    claim: str = ""
    request: str = ""
    page: str = ""

    @property
    def store(self) -> str:
        """Where the ledger is kept: the URL of a database, or a file in the folder."""
        return self.ledger if "://" in self.ledger else str(self.folder / self.ledger)

    @property
    def months(self) -> tuple[Month, ...]:
        """The months that have a folder, in order."""
        return tuple(sorted(_months_of(self.folder)))

    def path(self, name: str, month: Month) -> Path | None:
        """An input of a month."""
        places = (self.folder / str(month) / name, self.folder / name)
        return next((path for path in places if path.exists()), None)

    def inputs(self, month: Month) -> tuple[Path, ...]:
        """The workbooks of a month that are billed or posted. `Rejected` with each that is not
        there."""
        names = self.claims or (self.award, *self.caseloads, *self.letters)
        return self._all(names, month)

    def award_of(self, month: Month) -> Path:
        """The award workbook of a month. `Rejected` where there is none."""
        return self._all((self.award,), month)[0]

    def layouts_of(self, month: Month) -> tuple[Path, ...]:
        """The layout files of a month. `Rejected` with each that is not there."""
        return self._all(self.layouts, month)

    def previous(self, month: Month) -> tuple[Path, ...]:
        """The caseloads of the last month before this one, each from the latest folder that has
        it."""
        earlier = [m for m in reversed(self.months) if m < month]
        paths = (self._latest(name, earlier) for name in self.caseloads)
        return tuple(path for path in paths if path)

    def _latest(self, name: str, earlier: list[Month]) -> Path | None:
        paths = (self.folder / str(m) / name for m in earlier)
        return next((path for path in paths if path.exists()), None)

    def documents(self, month: Month) -> dict[str, Path]:
        """The documents that are written for a month, by their key in `months.toml`."""
        named = {"claim": self.claim, "request": self.request, "page": self.page}
        return {key: self.folder / str(month) / name for key, name in named.items() if name}

    def _all(self, names: tuple[str, ...], month: Month) -> tuple[Path, ...]:
        paths = {name: self.path(name, month) for name in names}
        refuse((_missing(name, month) for name, path in paths.items() if path is None), Rejected)
        return tuple(path for path in paths.values() if path)


def read_monthly_files(folder: Path) -> MonthlyFiles:
    """What the `months.toml` of a folder says. `Rejected` with every wrong key at once, each with
    its line."""
    path = folder / MONTHS_FILE
    if not path.is_file():
        problem = "this folder has no months.toml"
        raise Rejected([Place(folder.name).finding("missing", problem, "a file as docs/months.md describes it")])
    text = decode_text(read_file(path, BYTES), MONTHS_FILE, Rejected)
    document, told = parse_toml(text, MONTHS_FILE, Rejected), Parser(MONTHS_FILE, text, [])
    for key in (key for key in document if key not in (*_TEXTS, *_LISTS, "detail")):
        told.add(key, "unknown_key", "there is no such key", one_of((*_TEXTS, *_LISTS, "detail")), key)
    said: dict[str, Any] = {key: told.text(document, key, "", required=key in ("ledger", "award")) for key in _TEXTS}
    said |= {key: _names(told, document, key) for key in _LISTS}
    if not isinstance(detail := document.get("detail", False), bool):
        told.add("detail", "detail", "this says whether participants are kept", "true or false", detail)
    if bool(said["caseloads"]) == bool(said["claims"]):
        told.add("caseloads", "inputs", "there must be either caseloads or claims", "a list of workbooks")
    elif said["claims"] and (said["claim"] or said["letters"]):
        told.add("claims", "inputs", "claims are posted as they came: nothing is billed", "no claim and no letters")
    if said["page"] and not said["request"]:
        told.add("page", "page", "the page is that of a request", "a name under request")
    files = [said[key] for key in _TEXTS if said[key]] + [name for key in _LISTS for name in said[key]]
    for key in _TEXTS:
        if said[key] and files.count(said[key]) > 1:
            told.add(key, "twice", "this file has two uses", "a name of its own for each file")
    refuse(told.findings, Rejected)
    return MonthlyFiles(folder=folder, detail=detail, **said)


_TEXTS = ("ledger", "award", "claim", "request", "page")
_LISTS = ("caseloads", "claims", "letters", "layouts")


def _names(told: Parser, document: dict[str, Any], key: str) -> tuple[str, ...]:
    names = document.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        told.add(key, key, "these must be names of files", '["caseload-SUB-A.xlsx"]', names)
        return ()
    return tuple(names)


def _months_of(folder: Path) -> Iterator[Month]:
    for path in folder.iterdir():
        try:
            month = Month.parse(path.name)
        except Inexact:
            continue
        if path.is_dir() and str(month) == path.name:
            yield month


def _missing(name: str, month: Month) -> Finding:
    problem = f"there is no {name} for {month}"
    return Place(MONTHS_FILE).finding("missing", problem, f"the file in the folder {month}, or beside {MONTHS_FILE}")
