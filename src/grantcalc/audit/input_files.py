"""The inputs of a document among the files of a folder: found by digest, whatever their names, and
read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve

from grantcalc.audit.run import Run, refuse_document
from grantcalc.billing.issuers import billed_and_previous, with_letters
from grantcalc.errors import Place, Rejected, TermsRejected, refuse
from grantcalc.files import file_digest, pieces, read_file
from grantcalc.io.exchange.journal import BEGINS, as_ledger_input, from_lines
from grantcalc.io.input_kinds import KindName, kinds_of, read_as
from grantcalc.io.intake.cells import WorkbookRead, open_book
from grantcalc.io.intake.csvbook import csv_digest, is_csv, open_csv
from grantcalc.io.intake.layout import WorkbookLayout, book_by, layout_of_bytes
from grantcalc.io.issued.read_claim import as_input
from grantcalc.ledger.ledger import Ledger
from grantcalc.provenance import Input, facts_digest
from grantcalc.terms import terms_here
from grantcalc.terms.reading import earlier_terms
from grantcalc.toml import BYTES
from grantcalc.xlsx.scan import ISSUED

_ROLES = ("award", "caseload", "previous", "claim", "layout", "letters", "terms", "ledger")


class InputFiles:
    """The files of a folder, by what a document says of its inputs."""

    def __init__(self, folder: Path, run: Run, as_stated: bool, other_terms: bool = False) -> None:
        self.folder, self.run, self.as_stated, self.other_terms = folder, run, as_stated, other_terms
        self.files = sorted(p for p in folder.rglob("*") if p.is_file() or is_csv(p))
        self.digests: dict[str, list[Path]] = defaultdict(list)
        for path in self.files:
            digest = csv_digest(path) if path.is_dir() else file_digest(path)
            self.digests[digest].append(path)
        self.terms: dict[str, Path] = {}
        self.claim_books: list[WorkbookRead] = []
        self.layouts: list[WorkbookLayout] = []
        self.by_facts: Mapping[str, tuple[KindName, Path]] | None = None

    def read(self) -> dict[str, list[Any]]:
        """Every input, read, by what it is. A file's role is what it holds, so that one changed
        cell cannot hide it."""
        if any(not (i.file or i.digest) for i in self.run.inputs):
            problem = "an input was a value in memory, and no file holds it"
            refuse_document(Place(self.folder.name), "in_memory", problem, "a claim of what write_inputs gives")
        missing: Counter[str] = Counter()
        workbooks: list[tuple[Input, KindName | None, Path]] = []
        texts = [
            i for i in self.run.inputs if i.role.partition(",")[0] in ("terms", "layout") or i.digest == i.facts
        ]  # both of its bytes
        for wanted in texts:
            path = self._by_digest(wanted.digest, wanted.file) or self._by_digest(wanted.facts, wanted.file)
            path = path or (earlier_terms(wanted.digest) if wanted.role == "terms" else None)
            if path is None and self.other_terms:
                path = next((p for p in self.files if p.name == wanted.file), None)
                self.run.notes += ["the terms file of the folder is another version than that stated"] if path else []
            if path is None and self._shipped(wanted):
                continue
            kind_of_text = wanted.role.partition(",")[0]
            missing[kind_of_text if kind_of_text in _ROLES else "terms"] += path is None
            if path and (layout := self._layout(path, wanted)):
                self.layouts.append(layout)
            elif path:
                self.terms[wanted.file] = path
        ledgers = {wanted: ledger for wanted in self.run.inputs if (ledger := self._ledger(wanted))}
        for wanted in (i for i in self.run.inputs if i not in texts and i not in ledgers):
            path = self._by_digest(wanted.digest, wanted.file)
            role, path = (None, path) if path else self._saved_again(wanted)
            workbooks += [(wanted, role, path)] if path else []
            missing[wanted.role] += path is None
        self._complete(missing)
        inputs: dict[str, list[Any]] = defaultdict(list)
        inputs["ledger"] = [(ledger, as_ledger_input(ledger, wanted.file)) for wanted, ledger in ledgers.items()]
        for wanted, role, path in workbooks:
            kind, value = self._read(wanted, role, path)
            inputs[kind].append(value)
        current, inputs["previous"] = billed_and_previous(inputs["caseload"])
        inputs["caseload"] = [*with_letters(current, inputs["letters"])]
        needed = {"award": 1 - len(inputs["award"])}
        if self.run.command in ("bill", "roster") and not inputs["caseload"]:
            needed["caseload"] = 1
        self._complete(needed)
        return inputs

    def _by_digest(self, digest: str, name: str) -> Path | None:
        paths = self.digests.get(digest, [])
        return next((p for p in paths if p.name == name), paths[0] if paths else None)

    def _shipped(self, wanted: Input) -> bool:
        """Whether an input is a file of terms that ships with grantcalc, in this version or
        another."""
        here = terms_here()
        if {wanted.digest, wanted.facts}.isdisjoint(here.values()):
            if wanted.file not in here:
                return False
            self.run.notes.append(f"the terms {wanted.file} that ship with grantcalc are another version than stated")
            self.run.terms += self.run.inputs[wanted]
        return True

    def _ledger(self, wanted: Input) -> Ledger | None:
        """The ledger as it stood at the head that was stated, from an export of it then or at any
        later time."""
        same = self.digests.get(wanted.digest, [])
        for path in (p for p in self.files if p.is_file() and (p.suffix.lower() == ".jsonl" or p in same)):
            try:
                if not next(pieces(path), b"").startswith(BEGINS):
                    continue
                ledger = from_lines(read_file(path, ISSUED.packed), path.name)
            except Rejected:  # no ledger, or one that was tampered with: not the one sought
                continue
            at = next((n for n, entry in enumerate(ledger.entries, 1) if entry.head == wanted.facts), 0)
            if at or path in same:
                return Ledger(ledger.entries[: at or None])
        return None

    def _live_ledger(self) -> str:
        """The name of a database in the folder, which may be the ledger itself. An auditor's copy
        is its export."""
        live = (p.name for p in self.files if p.is_file() and next(pieces(p), b"").startswith(b"SQLite format 3\0"))
        return next(live, "")

    def _layout(self, path: Path, wanted: Input) -> WorkbookLayout | None:
        """The layout that a file is, if it is one: terms are none."""
        try:
            layout = layout_of_bytes(read_file(path, BYTES), path.name)
        except Rejected:
            return None
        self.run.moved |= path.name != wanted.file
        return evolve(layout, file=wanted.file) if self.as_stated else layout

    def _saved_again(self, wanted: Input) -> tuple[KindName | None, Path | None]:
        """The file that says the same facts as an input did, and its role."""
        if self.by_facts is None:
            self.by_facts = dict(self._facts())
        role, path = self.by_facts.get(wanted.facts, (None, None))
        if path is not None and self.as_stated:
            said = f"an input of role {role} was saved again: its file differs, its facts do not"
            self.run.notes.append(said)
        return role, path

    def _facts(self) -> Iterable[tuple[str, tuple[KindName, Path]]]:
        for path in reversed(self.files):
            if path.suffix.lower() in (".xlsx", ".xlsm") or is_csv(path):
                try:
                    books = [*self._books(path, path.name)]
                except Rejected:  # another file of the folder, which cannot be read: not the one sought
                    continue
                for book in books:
                    try:
                        for role in self._roles(book):
                            yield facts_digest(self._value(role, book)), (role, path)
                    except Rejected:  # nor can it be read so
                        continue

    def _roles(self, book: WorkbookRead) -> list[KindName]:
        return [kind for kind in kinds_of(book) if kind in _ROLES]

    def _value(self, role: KindName, book: WorkbookRead) -> Any:
        """What a workbook says. A claim's facts are those before it rests on its own workbook."""
        return read_as(role, book, self._terms_file)

    def _terms_file(self, name: str) -> bytes | None:
        """A terms file by the name that the award workbook gives it: that the document states, or
        that of the file."""
        if not name.endswith(".toml"):  # terms that ship, perhaps with an earlier version
            path = self.terms.get(f"{name}.toml")
            return read_file(path, BYTES, TermsRejected) if path else None
        paths = [*self.terms.values()]
        path = self.terms.get(name) or next((p for p in paths if p.name == name), None)
        if path is None and len(paths) == 1:
            path = paths[0]
        return read_file(path, BYTES, TermsRejected) if path else None

    def _books(self, path: Path, name: str) -> Iterator[WorkbookRead]:
        """A file as the workbook that it may be: as it stands, and as each of the layouts has it. A
        CSV file is known by its name, also by one that it had before."""
        names = dict.fromkeys((name, path.name)) if path.suffix.lower() == ".csv" and path.is_file() else ("",)
        for layout in (None, *self.layouts):
            for said in names:
                try:
                    encoding = layout.encoding if layout else ""
                    book = open_csv(path, encoding, said) if is_csv(path) else open_book(path)
                    yield book_by(book, layout) if layout else book
                except Rejected:
                    if not self.layouts:
                        raise

    def _read(self, wanted: Input, role: KindName | None, path: Path) -> tuple[KindName, Any]:
        """A workbook, by the layout by which it says the facts that are stated, and in the role in
        which it does."""
        readings: list[tuple[KindName, Any, WorkbookRead]] = []
        refused: list[Rejected] = []
        for book in self._books(path, wanted.file):
            self.run.moved |= (path.name, book.digest) != (wanted.file, wanted.digest)
            stated = (wanted.file, wanted.digest) if self.as_stated else (path.name, book.digest)
            named = evolve(book, file=stated[0], digest=stated[1])
            for r in [role] if role else self._roles(named):
                try:
                    readings.append((r, self._value(r, named), named))
                except Rejected as wrong:
                    refused.append(wrong)
        if not readings:
            if refused:
                raise refused[0]
            refuse_document(
                Place(path.name), "no_input", "this input is not a workbook of grantcalc", "an award or caseload"
            )
        same = [one for one in readings if facts_digest(one[1]) == wanted.facts]
        role, value, book = next(iter([*same, *(one for one in readings if one[0] == wanted.role), *readings]))
        if role == "claim":
            self.claim_books.append(book)
            return role, as_input(value, book)
        return role, value

    def _complete(self, missing: Mapping[str, int]) -> None:
        findings = []
        for role, count in sorted(missing.items()):
            if count > 0:
                what = f"{count} input{'s' if count > 1 else ''} of role {role if role in _ROLES else 'unknown'}"
                expected = "every file that the Sources sheet names"
                if role == "ledger" and (live := self._live_ledger()):
                    expected = f"an export of the ledger: grantcalc ledger export {live} ledger.jsonl"
                problem = f"{what} could not be found by digest"
                findings.append(Place(self.folder.name).finding("no_input", problem, expected))
        refuse(findings)
