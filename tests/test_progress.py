"""Bars in a terminal and in a notebook, where they are asked for; in a pipe nothing, and nothing of
them in what is written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import date
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from grantcalc import progress, show_progress
from grantcalc.cli import main
from grantcalc.xlsx.sheets import Block, Sheet, TableColumn, WorkbookDraft
from grantcalc.xlsx.writer import book_bytes

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = """
import sys
from contextlib import nullcontext
from datetime import date
from hashlib import sha256
from grantcalc import show_progress
from grantcalc.xlsx.writer import book_bytes
from grantcalc.xlsx.sheets import Block, Sheet, TableColumn, WorkbookDraft
rows = [(k,) for k in range(int(sys.argv[1]))]
book = WorkbookDraft("t", (Sheet("Lines", (Block((TableColumn("Line", "count"),), rows),)),), date(2012, 10, 15))
with show_progress() if sys.argv[2] == "shown" else nullcontext():
    print(sha256(book_bytes(book)).hexdigest())
"""


def run(rows: int, *, terminal: bool, asked: bool = True) -> tuple[str, str]:
    """What a process that writes so many rows prints, and what it shows on its error output."""
    command = [sys.executable, "-c", SCRIPT, str(rows), "shown" if asked else "silent"]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TERM": "xterm", "COLUMNS": "100"}
    if not terminal:
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        return done.stdout, done.stderr
    pty = pytest.importorskip("pty")
    mine, theirs = pty.openpty()
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=theirs, text=True) as process:
        os.close(theirs)
        seen = b""
        while chunk := _read(mine):
            seen += chunk
        assert process.stdout
        printed = process.stdout.read()
    os.close(mine)
    assert process.returncode == 0
    return printed, seen.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux says so when the other end is closed
        return b""


class TestTerminal:
    """A bar in a terminal for long work, silence in a pipe, and the same bytes."""

    @pytest.mark.slow
    def test_long_work(self) -> None:
        there, shown = run(20_000, terminal=True)
        here, silence = run(20_000, terminal=False)
        assert "Writing Lines" in shown
        assert "100%" in shown
        assert silence == ""
        assert there == here

    def test_short_work(self) -> None:
        assert run(1_000, terminal=True)[1] == ""

    @pytest.mark.slow
    def test_a_library_call_writes_nothing_to_the_terminal_of_its_host(self) -> None:
        assert run(20_000, terminal=True, asked=False)[1] == ""


class Terminal(StringIO):
    """An error output that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def closed() -> Terminal:
    stream = Terminal()
    stream.close()
    return stream


class TestHost:
    """Bars are shown for whoever asks for them, as long as asked for, on what error output there
    is."""

    @pytest.mark.parametrize("stream", [None, object(), closed()], ids=["none", "without isatty", "closed"])
    def test_another_error_output(self, stream: object, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stderr", stream)
        with show_progress(), progress.busy("Billing", 5000):
            assert [*progress.watched(range(1000), "Reading", 1000)] == [*range(1000)]

    def test_only_meanwhile_and_only_in_this_thread(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stderr", stream := Terminal())
        steps = [1, 2, 3]
        with show_progress(), ThreadPoolExecutor(1) as pool:
            assert progress.watched(steps, "Reading", 3) is not steps
            assert pool.submit(progress.watched, steps, "Reading", 3).result() is steps
        assert progress.watched(steps, "Reading", 3) is steps
        assert isinstance(progress.busy("Billing", 5000), nullcontext)
        assert stream.getvalue() == ""

    def test_the_command_shows_them(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        asked: list[bool] = []
        monkeypatch.setattr(progress, "_in_notebook", lambda: asked.append(True))
        books = sorted((ROOT / "examples" / "tvap-fy2012").glob("*.xlsx"))[:4]
        words = ["bill", *map(str, books), "--through", "2012-09", "--out", str(tmp_path / "claim.xlsx")]
        assert CliRunner().invoke(main, words, catch_exceptions=False).exit_code == 0
        assert asked


class Page(ModuleType):
    """IPython, as it is in a notebook's kernel, and what was shown on the page."""

    def __init__(self, *, kernel: bool) -> None:
        super().__init__("IPython.display")
        self.shown: list[str] = []
        self.shell = type("Shell", (), {"kernel": object()} if kernel else {})()

    def get_ipython(self) -> object:
        return self.shell

    def HTML(self, text: str) -> str:  # noqa: N802
        return text

    def display(self, text: str, *, display_id: bool) -> Page:
        assert display_id
        self.shown.append(text)
        return self

    def update(self, text: str) -> None:
        self.shown.append(text)


def page(monkeypatch: pytest.MonkeyPatch, **how: Any) -> Page:
    there = Page(**how)
    monkeypatch.setitem(sys.modules, "IPython", there)
    monkeypatch.setitem(sys.modules, "IPython.display", there)
    return there


class TestNotebook:
    """One bar on the page, told at most fifty times, and gone at the end."""

    def test_a_bar(self, monkeypatch: pytest.MonkeyPatch) -> None:
        notebook = page(monkeypatch, kernel=True)
        with show_progress():
            assert [*progress.watched(range(1000), "Reading", 1000)] == [*range(1000)]
        assert notebook.shown[0] == '<label>Reading <progress value="0" max="1000"></progress></label>'
        assert notebook.shown[-2:] == ['<label>Reading <progress value="1000" max="1000"></progress></label>', ""]
        assert len(notebook.shown) == 52

    def test_of_what_is_written(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rows = [(k,) for k in range(20_000)]
        book = WorkbookDraft(
            "t", (Sheet("Lines", (Block((TableColumn("Line", "count"),), rows),)),), date(2012, 10, 15)
        )
        silent = book_bytes(book)
        notebook = page(monkeypatch, kernel=True)
        assert book_bytes(book) == silent
        assert notebook.shown == []
        with show_progress():
            assert book_bytes(book) == silent
        assert "Writing Lines" in notebook.shown[0]

    @pytest.fixture
    def asked(self) -> Iterator[None]:
        with show_progress():
            yield

    @pytest.mark.usefixtures("asked")
    def test_short_work_and_the_other_shell_of_ipython(self, monkeypatch: pytest.MonkeyPatch) -> None:
        notebook = page(monkeypatch, kernel=True)
        steps = [1, 2]
        assert progress.watched(steps, "Reading", 2, least=3) is steps
        assert notebook.shown == []
        notebook = page(monkeypatch, kernel=False)
        assert progress.watched(steps, "Reading", 1000) is steps
