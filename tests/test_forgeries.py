"""Every class of forgery on three kinds of document, as edited and after a re-save: none is ever
called true.

One place for each class, on one kind of document each, by turns; `make deep` tries ten places on
all three. The re-saves by LibreOffice are made by one process for all of them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import warnings
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from attrs import evolve

from grantcalc.audit import appearance
from grantcalc.audit.book_looks import look_of_book
from grantcalc.audit.reproduce import MadeAgain, make_again
from grantcalc.audit.verify import verify
from grantcalc.errors import Rejected
from grantcalc.io.intake.cells import WorkbookRead
from tests import sample_program
from tests.forgeries import FORGERIES, opened
from tests.requirements import PROGRAMS, require
from tests.sample_program import World
from tests.tampering import read_once

KINDS = ("claim", "detailed", "request")
DEEP = os.environ.get("GRANTCALC_PROFILE") == "deep"
_CHANGING = r'<(c:)?(axId|crossAx) val="\d+"\s*/>|<dcterms:modified.*?</dcterms:modified>'

_RULES = "<dataValidation .*?</dataValidation>"  # in an order that LibreOffice chooses
_NUMBERED = r"(?<=charts/chart)\d+"  # LibreOffice goes on counting from one file to the next


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The small program, of which a document is made again once for all that say the same of how
    they were made."""
    found = sample_program.world(tmp_path_factory)
    inputs = tmp_path_factory.mktemp("inputs")
    for path in found.inputs.iterdir():
        if path.name != "ledger.jsonl":
            shutil.copy(path, inputs)
    made: dict[str, MadeAgain] = {}

    def again(document: WorkbookRead, folder: Path) -> MadeAgain:
        lines = [cells for _, cells in document.sheets.get("Lines", ())][1:2]
        key = repr((document.sheets.get("Summary"), document.sheets.get("Sources"), lines, document.properties))
        if key not in made:
            made[key] = make_again(document, folder)
        return evolve(made[key], run=evolve(made[key].run, notes=[*made[key].run.notes]))

    looks = {(data := path.read_bytes()): look_of_book(data, "") for path in found.documents.values()}
    with read_once(), pytest.MonkeyPatch.context() as once:
        once.setattr(import_module("grantcalc.audit.verify"), "make_again", again)
        once.setattr(appearance, "look_of_book", lambda data, name: looks.get(data) or look_of_book(data, name))
        yield World(inputs, {kind: found.documents[kind] for kind in KINDS})


Forged = Mapping[tuple[str, str, int], Path]


@pytest.fixture(scope="module")
def forged(world: World, tmp_path_factory: pytest.TempPathFactory) -> Forged:
    """A file for each class: of which kind of document, and at which place."""
    folder, found = tmp_path_factory.mktemp("forged"), dict[tuple[str, str, int], Path]()
    for number, (name, forge) in enumerate(FORGERIES.items()):
        for place in range(10 if DEEP else 1):
            for kind in KINDS if DEEP else (KINDS[number % 3],):
                workbook = opened(world.documents[kind], place * 1000 + number)
                forge(workbook)
                found[name, kind, place] = workbook.save(folder / f"{number:03}-{kind}-{place}.xlsx")
    return found


@pytest.fixture(scope="module")
def saving(
    world: World, forged: Forged, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, subprocess.Popen[bytes]] | None]:
    """LibreOffice, where it is at hand, while it saves everything that was forged, and the
    documents themselves: in the meantime the other tests run."""
    program = next(filter(None, map(shutil.which, PROGRAMS["libreoffice"])), None)
    if program is None:
        yield None
        return
    out = tmp_path_factory.mktemp("libreoffice")
    profile = f"-env:UserInstallation={(out / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(out)]
    paths = [*world.documents.values(), *forged.values()]
    with subprocess.Popen([*command, *map(str, paths)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        yield out, process
        process.kill()


@pytest.fixture(scope="module")
def by_libreoffice(saving: tuple[Path, subprocess.Popen[bytes]] | None) -> Path:
    """The folder of what LibreOffice saved."""
    require("libreoffice")
    assert saving
    folder, process = saving
    process.communicate(timeout=6000 if DEEP else 900)
    return folder


def by_openpyxl(path: Path, out: Path) -> Path | None:
    """A copy saved by openpyxl; None for what it does not open or save."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what it does not keep
            openpyxl.load_workbook(path).save(out)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError):
        return None
    return out


def is_true(path: Path, inputs: Path) -> bool:
    """Whether verification lets a file pass, with or without a note."""
    try:
        return bool(verify(path, inputs))
    except Rejected:
        return False


def parts_of(path: Path) -> dict[str, str]:
    """The parts of a file, but for what changes each time that it is saved."""
    with ZipFile(path) as package:
        parts = {name: package.read(name).decode("utf-8", "replace") for name in package.namelist()}
    plain = {re.sub(_NUMBERED, "", name): re.sub(f"{_CHANGING}|{_NUMBERED}", "", text) for name, text in parts.items()}
    return {name: re.sub(_RULES, "", text) + "".join(sorted(re.findall(_RULES, text))) for name, text in plain.items()}


UNDONE = {
    "a style behind, not applied": "openpyxl drops what says that the style is not applied",
    "a row of no height": "openpyxl and LibreOffice take no height for none that is said, and the row is seen",
}


class TestNoForgeryPasses:
    """No tampering gets status 0, neither as edited nor after a re-save, unless the re-save undid
    it."""

    def test_classes(self) -> None:
        assert len(FORGERIES) >= 129

    @pytest.mark.slow
    @pytest.mark.usefixtures("saving")
    def test_after_a_re_save_by_openpyxl(self, world: World, forged: Forged, tmp_path: Path) -> None:
        true = {kind: parts_of(_saved(path, tmp_path / f"{kind}.xlsx")) for kind, path in world.documents.items()}
        passed = {}
        for (name, kind, place), path in forged.items():
            again = by_openpyxl(path, tmp_path / "again.xlsx") if name not in UNDONE else None
            if again and is_true(again, world.inputs) and parts_of(again) != true[kind]:
                passed[name, kind, place] = path.name
        assert not passed

    @pytest.mark.parametrize("name", FORGERIES)
    def test_as_edited(self, world: World, forged: Forged, name: str) -> None:
        found = [path for (other, _, _), path in forged.items() if other == name]
        assert found
        assert not [path.name for path in found if is_true(path, world.inputs)]

    @pytest.mark.slow
    def test_after_a_re_save_by_libreoffice(self, world: World, forged: Forged, by_libreoffice: Path) -> None:
        true = {kind: parts_of(by_libreoffice / path.name) for kind, path in world.documents.items()}
        passed = {}
        for (name, kind, place), path in forged.items():
            again = by_libreoffice / path.name
            if name not in UNDONE and again.exists() and is_true(again, world.inputs) and parts_of(again) != true[kind]:
                passed[name, kind, place] = path.name
        assert not passed


def _saved(path: Path, out: Path) -> Path:
    saved = by_openpyxl(path, out)
    assert saved
    return saved
