"""Run a command in a process that fails, or is killed, at one of its effects: `python -m
tests.interrupted FOLDER HOW`.

With `sequences SEED COUNT` for HOW, so many sequences of several commands, each of them interrupted
at random or not.

An effect is a call of the system by which a file is saved, or a statement or commit of the ledger's
database. Each command is run once for each of its effects, from the same files, in a fork. Then it
is run again, undisturbed. HOW is `killed` or `failing`. Prints how often each command was
interrupted.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from grantcalc.audit.ledger_entries import unrecorded
from grantcalc.cli import main
from grantcalc.io import Store
from grantcalc.ledger import Ledger, Requested
from grantcalc.xlsx import package
from tests import sample_program
from tests.failing_system import is_draft

LEDGER, BOOK, PAGE, LINES = "ledger.db", "request.xlsx", "forms.html", "lines.csv"
OLD = b"what was there before"
AMOUNT = 171472
ALL_WERE_MADE = 99
ALL_OR_NONE = Mapping[str, bytes | None]


class Effects:
    """The module `os`, and the statements of a database; at the effect of this number the process
    dies or fails."""

    def __init__(self, number: int, how: str) -> None:
        self.number, self.how, self.made = number, how, 0
        for name in ("before_cursor_execute", "commit"):
            event.listen(
                Engine, name, lambda *_: self.count(OperationalError("", {}, sqlite3.OperationalError("full")))
            )

    def count(self, fault: Exception) -> None:
        self.made += 1
        if self.made == self.number:
            if self.how == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            raise fault

    def __getattr__(self, name: str) -> Any:
        found = getattr(os, name)
        # what is taken away is taken away when something else has failed, or when all is done
        if not callable(found) or (name == "unlink" and self.how == "failing"):
            return found

        def counted(*args: Any) -> Any:
            self.count(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
            return found(*args)

        return counted


def run(folder: Path, command: Sequence[str], number: int = 0, how: str = "") -> int | None:
    """How a command ends in a fork: its status, or minus the signal that killed it; None where it
    came to no effect of this number."""
    if child := os.fork():
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return None if status == ALL_WERE_MADE else status
    os.chdir(folder)
    with Path("told.txt").open("wb") as told:
        os.dup2(told.fileno(), 1)
        os.dup2(told.fileno(), 2)
    package.os = effects = Effects(number, how)  # type: ignore[attr-defined,assignment]
    try:
        main(list(command))
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ALL_WERE_MADE if effects.made < number else int(ended.code or 0))
    os._exit(70)


def requested(ledger: Ledger) -> int:
    return sum(e.act.amount for e in ledger.entries if isinstance(e.act, Requested))


def documents(folder: Path, names: Iterable[str]) -> dict[str, bytes | None]:
    return {name: path.read_bytes() if (path := folder / name).exists() else None for name in names}


def left(folder: Path, known: Iterable[str]) -> list[Path]:
    """What else stands in the folder: of a killed command drafts, and never a folder."""
    found = [p for p in folder.iterdir() if p.name not in {*known, "told.txt", f"{LEDGER}-journal"}]
    assert all(p.is_file() and is_draft(p) for p in found), found
    return found


def interrupted(start: Path, command: Sequence[str], names: Sequence[str], how: str, done: ALL_OR_NONE) -> int:
    """Interrupt a command at each of its effects in turn, and give how often. `done` are its
    documents when it ends well."""
    before, count = documents(start, names), 0
    ledger = Store(str(start / LEDGER), create=True).load()
    while True:
        folder = start.with_name("run")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(start, folder)
        store = Store(str(folder / LEDGER), create=True)
        status = run(folder, command, count + 1, how)
        found, told = documents(folder, names), (folder / "told.txt").read_text("utf-8")
        after = store.load()
        known = {p.name for p in start.iterdir()} | {*names, LEDGER}
        if status is None:
            return count
        count += 1
        drafts = left(folder, known)
        if how == "killed":
            assert status == -signal.SIGKILL
        elif status:
            assert status == 2, (status, told)
            assert (found, after, drafts) == (before, ledger, [])
            assert told.endswith("nothing was written.\n"), told
        else:  # what failed was not needed
            assert after != ledger
            assert not drafts
        if after != ledger:
            assert found == done, "an entry was appended before its documents were in place"
        elif BOOK in names and found[BOOK] == done[BOOK]:
            assert [x.amount for x in unrecorded(folder / BOOK, after)] == [AMOUNT]
        # the next run finishes, or repeats the same request to the byte
        assert run(folder, command) == 0
        again = (folder / "told.txt").read_text("utf-8")
        assert ("no entry of the ledger records this request of 1,714.72" in again) is (
            after == ledger and BOOK in names and found[BOOK] == done[BOOK]
        )
        assert documents(folder, names) == done
        if BOOK in names:
            assert requested(store.load()) == AMOUNT
            assert not unrecorded(folder / BOOK, store.load())
        assert [e.text for e in store.load().entries[: len(ledger.entries)]] == [e.text for e in ledger.entries]


def commands(folder: Path) -> Iterable[tuple[str, Callable[[str], int]]]:
    """Each command to interrupt, with its name: from a folder where all that comes before it was
    done."""
    begin = folder / "begin"
    begin.mkdir()
    inputs = [sample_program.write(begin, "award", sample_program.AWARD).name]
    inputs.append(sample_program.write(begin, "caseload", sample_program.CASELOAD_A).name)
    post = ("post", LEDGER, *inputs, "--through", "2011-12")
    yield "post", partial(interrupted, begin, post, (), done={})
    assert run(begin, post) == 0
    yield "close", partial(interrupted, begin, ("close", LEDGER, "2011-12"), (), done={})
    options = {BOOK: "--out", PAGE: "--page", LINES: "--lines"}
    for names, old in (((BOOK, PAGE), False), ((LINES, BOOK, PAGE), True)):
        ask = ["request", inputs[0], "--ledger", LEDGER, *(word for name in names for word in (options[name], name))]
        model = folder / "model"
        shutil.copytree(begin, model)
        assert run(model, ask) == 0
        done = documents(model, names)
        for name in names if old else ():
            (begin / name).write_bytes(OLD)
        yield "request over old files" if old else "request", partial(interrupted, begin, ask, names, done=done)
        shutil.rmtree(model)


def sequences(folder: Path, seed: str, count: int) -> Iterable[tuple[str, int]]:
    """Sequences of `post`, `close` and `request`, each run interrupted at a random effect or not:
    after each the sum asked for is that of a posted month, and at last, undisturbed, that of all.
    Gives what each sequence was, and how many of its runs were interrupted."""
    begin = folder / "begin"
    begin.mkdir()
    inputs = [sample_program.write(begin, "award", sample_program.AWARD).name]
    inputs.append(sample_program.write(begin, "caseload", sample_program.CASELOAD_A).name)
    posts = [("post", LEDGER, *inputs, "--through", month) for month in ("2011-10", "2011-11", "2011-12")]
    right = {0} | {_asked_after(begin, folder / "model", post, inputs[0]) for post in posts}
    assert len(right) == 4
    assert max(right) == AMOUNT
    for number in range(count):
        chance, steps, stopped = Random(f"{seed}:{number}"), list[str](), 0
        shutil.copytree(begin, at := folder / f"run-{number}")
        for _ in range(chance.randint(3, 6)):
            command = chance.choice(
                (*posts, ("close", LEDGER, "2011-12"), _ask(inputs[0], chance), _ask(inputs[0], chance))
            )
            effect, how = (
                chance.choice((0, chance.randint(1, 12), chance.randint(1, 60))),
                chance.choice(("killed", "failing")),
            )
            status = run(at, command, effect, how)
            steps.append(f"{' '.join(command)} [{how} at {effect}: {status}]" if effect else " ".join(command))
            assert status in (None, 0, 2, -signal.SIGKILL), steps
            stopped += status not in (None, 0)
            asked = requested(Store(str(at / LEDGER), create=True).load())
            assert asked in right, (steps, asked)
        assert run(at, posts[-1]) == 0, steps
        assert run(at, _ask(inputs[0], chance)) == 0, steps
        ledger = Store(str(at / LEDGER)).load()
        assert requested(ledger) == AMOUNT, steps
        assert not unrecorded(at / BOOK, ledger), steps
        yield "; ".join(steps), stopped
        shutil.rmtree(at)


def _ask(award: str, chance: Random) -> tuple[str, ...]:
    """A request with its page and its lines or not, in some order."""
    options = [("--out", BOOK), *chance.sample([("--page", PAGE), ("--lines", LINES)], chance.randint(0, 2))]
    chance.shuffle(options)
    return "request", award, "--ledger", LEDGER, *(word for option in options for word in option)


def _asked_after(begin: Path, model: Path, post: Sequence[str], award: str) -> int:
    """What a request asks for after a post, undisturbed."""
    shutil.copytree(begin, model)
    assert run(model, post) == 0
    assert run(model, ("request", award, "--ledger", LEDGER, "--out", BOOK)) == 0
    asked = requested(Store(str(model / LEDGER)).load())
    shutil.rmtree(model)
    return asked


if __name__ == "__main__":
    if sys.argv[2] == "sequences":
        for steps, stopped in sequences(Path(sys.argv[1]), sys.argv[3], int(sys.argv[4])):
            sys.stdout.write(f"{stopped}: {steps}\n")
            sys.stdout.flush()
        sys.exit()
    for called, interrupt in commands(Path(sys.argv[1])):
        sys.stdout.write(f"{called}: {interrupt(sys.argv[2])}\n")
        sys.stdout.flush()
