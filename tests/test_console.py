"""The command through real processes and pipes: what it prints is true, and its exit status is one
of the table."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from grantcalc.cli import main
from grantcalc.cli.group import HEADINGS
from grantcalc.cli.statuses import MEANINGS, Status
from grantcalc.io import Store
from tests import sample_program
from tests.processes import ENV, MODULE, ROOT, ended, grantcalc

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of POSIX")
FULL = Path("/dev/full")
with_full = pytest.mark.skipif(not FULL.exists(), reason="there is no full device")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> sample_program.World:
    return sample_program.world(tmp_path_factory)


@pytest.fixture(scope="module")
def bill(world: sample_program.World) -> list[object]:
    names = ("award", "caseload-a", "caseload-b")
    return ["bill", *(world.inputs / f"{name}.xlsx" for name in names), "--through", "2011-12", "--out"]


def into_closed_pipe(*arguments: object) -> tuple[Status, str]:
    """How a command ends whose reader is gone before the first word, and its error output."""
    reader, writer = os.pipe()
    os.close(reader)
    status, _, told = grantcalc(*arguments, out=writer)
    os.close(writer)
    return status, told


def into_full_device(*arguments: object) -> tuple[Status, str]:
    """How a command ends whose words go to a full device, and its error output."""
    with FULL.open("wb") as full:
        status, _, told = grantcalc(*arguments, out=full)
    return status, told


def last(told: str) -> str:
    return told.splitlines()[-1]


@pytest.mark.slow
class TestWhatWasWritten:
    """Whatever ends a command, it says what it wrote; "nothing was written" stands only where
    nothing was."""

    def test_bill(self, bill: list[object], tmp_path: Path) -> None:
        status, told = into_closed_pipe(*bill, out := tmp_path / "claim.xlsx")
        assert status == Status.CLOSED_PIPE
        assert last(told) == f"{out} was written; not all output could be printed: Broken pipe."
        assert out.exists()

    @with_full
    def test_bill_with_its_lines(self, bill: list[object], tmp_path: Path) -> None:
        """Both files are named, in the order in which they were written."""
        out, lines = tmp_path / "claim.xlsx", tmp_path / "lines.csv"
        status, told = into_full_device(*bill, out, "--lines", lines)
        assert status == Status.UNPRINTED
        written = f"{out} was written, {lines} was written"
        assert last(told) == f"{written}; not all output could be printed: No space left on device."
        assert out.exists()
        assert lines.exists()

    @with_full
    def test_post_and_request(self, world: sample_program.World, tmp_path: Path) -> None:
        ledger, out = tmp_path / "ledger.db", tmp_path / "request.xlsx"
        status, told = into_full_device("post", ledger, world.documents["claim"])
        assert status == Status.UNPRINTED
        assert last(told) == "ledger.db was posted to; not all output could be printed: No space left on device."
        posted = len(Store(ledger).load().entries)
        assert posted
        ask = ("request", world.inputs / "award.xlsx", "--ledger", ledger, "--out", out)
        status, told = into_closed_pipe(*ask)
        assert status == Status.CLOSED_PIPE
        written = f"{out} was written, ledger.db was posted to"
        assert last(told) == f"{written}; not all output could be printed: Broken pipe."
        assert len(Store(ledger).load().entries) > posted
        assert {p.name for p in tmp_path.iterdir()} == {"ledger.db", "request.xlsx"}

    @with_full
    @pytest.mark.parametrize("command", [("-h",), ("bill", "-h"), ("programs",), ("programs", "show", "tvap-2018")])
    def test_nothing(self, command: tuple[str, ...]) -> None:
        """A reader who needs no more of what is only shown, as `head` does, is told nothing."""
        said = "standard output cannot be written: No space left on device; nothing was written.\n"
        assert into_full_device(*command) == (Status.UNPRINTED, said)
        assert into_closed_pipe(*command) == (Status.CLOSED_PIPE, "")

    @with_full
    def test_a_refusal_that_cannot_be_printed(self, bill: list[object], tmp_path: Path) -> None:
        status, told = into_full_device("bill", bill[1], tmp_path, *bill[4:], tmp_path / "claim.xlsx")
        assert status == Status.UNPRINTED
        assert last(told) == "standard output cannot be written: No space left on device; nothing was written."

    @with_full
    def test_with_both_outputs_full(self, bill: list[object], tmp_path: Path) -> None:
        command = [*MODULE, *map(str, bill), str(tmp_path / "claim.xlsx")]
        with FULL.open("wb") as full:
            done = subprocess.run(command, env=ENV, stdout=full, stderr=full, check=False)
        assert ended(done.returncode) == Status.UNPRINTED

    def test_a_page_that_cannot_be_written(self, world: sample_program.World, tmp_path: Path) -> None:
        """The workbook that was written before it is taken away again."""
        os.mkfifo(page := tmp_path / "forms.html")
        out = tmp_path / "request.xlsx"
        ask = ("request", world.inputs / "award.xlsx", world.documents["claim"], "--out", out, "--page", page)
        status, _, told = grantcalc(*ask)
        assert status == Status.REFUSED
        assert last(told) == "forms.html: something other than a file is there; nothing was written."
        assert not out.exists()

    def test_a_refusal_before(self, bill: list[object], tmp_path: Path) -> None:
        status, _, told = grantcalc("ledger", "log", tmp_path / "ledger.db")
        assert (status, told) == (Status.REFUSED, "there is no ledger ledger.db; nothing was written.\n")


class TestStatuses:
    """Each end has its status, and the README lists them."""

    def test_the_table_of_the_readme(self) -> None:
        rows = re.findall(r"(?m)^\| (\d+) \| (.+) \|$", (ROOT / "README.md").read_text("utf-8"))
        assert [(int(number), meaning) for number, meaning in rows] == [(s.value, MEANINGS[s]) for s in Status]

    def test_interrupted(self, tmp_path: Path) -> None:
        """Ctrl-C while it reads its input."""
        os.mkfifo(pipe := tmp_path / "ledger.jsonl")
        command = [*MODULE, "ledger", "import", str(tmp_path / "ledger.db"), str(pipe)]
        process = subprocess.Popen(command, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with process, pipe.open("wb"):  # it opens when the command reads
            process.send_signal(signal.SIGINT)
            out, told = process.communicate()
        assert ended(process.returncode) == Status.INTERRUPTED
        assert (out, told.decode()) == (b"", "\ninterrupted; nothing was written.\n")

    def test_interrupted_while_the_libraries_load(self) -> None:
        """Ctrl-C before the command has begun shows no traceback either."""
        load = (
            "import sys\n"
            "from grantcalc.__main__ import command\n"
            "class Stop:\n"
            "    def find_spec(self, name, *_):\n"
            "        if name == 'grantcalc.cli.group': raise KeyboardInterrupt\n"
            "sys.meta_path.insert(0, Stop())\n"
            "command()"
        )
        ran = subprocess.run([sys.executable, "-c", load], env=ENV, capture_output=True, text=True, check=False)
        told = (Status.INTERRUPTED, "", "\ninterrupted; nothing was written.\n")
        assert (ended(ran.returncode), ran.stdout, ran.stderr) == told

    def test_done_and_untrue_and_refused(self, world: sample_program.World, tmp_path: Path) -> None:
        claim = world.documents["claim"]
        assert grantcalc("verify", claim, "--inputs", world.inputs) == (Status.DONE, b"", "")
        assert grantcalc("verify", claim, "--inputs", tmp_path)[0] == Status.REFUSED
        (bad := tmp_path / "bad.xlsx").write_bytes(b"no workbook")
        assert grantcalc("check", bad)[0] == Status.UNTRUE

    def test_the_module_is_the_command(self) -> None:
        status, said, told = grantcalc("--version")
        assert (status, told) == (Status.DONE, "")
        assert said.decode().startswith("python -m grantcalc, version ")

    def test_words_that_the_terminal_cannot_show(self) -> None:
        """An escape, and no traceback."""
        status, said, told = grantcalc("programs", "show", "state-homes", PYTHONIOENCODING="latin-1")
        assert (status, told) == (Status.DONE, "")
        assert b"\\u2212" in said

    def test_completion(self) -> None:
        assert 'eval "$(_GRANTCALC_COMPLETE=bash_source grantcalc)"' in (ROOT / "README.md").read_text("utf-8")
        code = "import sys; sys.argv[0] = 'grantcalc'; from grantcalc.cli.console import console; console()"
        env = {**ENV, "_GRANTCALC_COMPLETE": "bash_complete", "COMP_WORDS": "grantcalc re", "COMP_CWORD": "1"}
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
        assert ended(done.returncode) == Status.DONE
        assert sorted(done.stdout.splitlines()) == ["plain,refer", "plain,regenerate", "plain,request"]


FAULT = """
import sys
from pathlib import Path
from grantcalc.cli import main
from grantcalc.cli.console import console
from grantcalc.xlsx.package import save

@main.command()
def fault() -> None:
    if len(sys.argv) > 2:
        save(Path("claim.xlsx"), lambda file: str(file.write(b"a claim")))
    raise EXCEPTION("the secret words of a workbook")

console()
"""


class TestFault:
    """An exception that nobody foresaw is one sentence and status 70; --debug shows where it
    was."""

    def fault(self, folder: Path, *options: str, exception: str = "ZeroDivisionError") -> tuple[int, str, str]:
        command = [sys.executable, "-c", FAULT.replace("EXCEPTION", exception), *options, "fault"]
        done = subprocess.run(command, cwd=folder, env=ENV, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def test_a_sentence(self, tmp_path: Path) -> None:
        hint = "Please report it: `grantcalc --debug` and the same command show where."
        said = f"grantcalc itself failed (ZeroDivisionError); nothing was written. {hint}\n"
        assert self.fault(tmp_path) == (Status.FAULT, "", said)

    def test_a_traceback_where_it_is_asked_for(self, tmp_path: Path) -> None:
        status, out, told = self.fault(tmp_path, "--debug")
        assert (status, out) == (Status.FAULT, "")
        assert told.startswith("Traceback (most recent call last):\n")
        assert told.endswith("grantcalc itself failed; claim.xlsx was written.\n")

    def test_an_interrupt_after_a_file_was_written(self, tmp_path: Path) -> None:
        """It is none; and it says what was written."""
        told = self.fault(tmp_path, "--debug", exception="KeyboardInterrupt")
        assert told == (Status.INTERRUPTED, "", "\ninterrupted; claim.xlsx was written.\n")

    def test_a_file_that_ends_too_early_is_no_interrupt(self, tmp_path: Path) -> None:
        status, _, told = self.fault(tmp_path, exception="EOFError")
        assert status == Status.FAULT
        assert last(told).startswith("grantcalc itself failed (EOFError); nothing was written.")

    def test_beneath_the_net_it_is_an_exception(self) -> None:
        """So a test in this process sees it."""
        with pytest.raises(ZeroDivisionError):
            CliRunner().invoke(faulty(), ["fault"], catch_exceptions=False)


def faulty() -> click.Group:
    group = type(main)("faulty")

    @group.command()
    def fault() -> None:
        raise ZeroDivisionError

    return group


def commands(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something itself, with its words."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield (*path, name), command


COMMANDS = dict(commands(main))


class TestJson:
    """Every command takes --json, and under it any refusal is JSON."""

    @pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
    def test_of_every_command(self, path: tuple[str, ...]) -> None:
        assert "as_json" in {parameter.name for parameter in COMMANDS[path].params}
        result = CliRunner().invoke(main, [*path, "--json", "--no-such-option"])
        assert result.exit_code == Status.REFUSED
        told = json.loads(result.stdout)
        assert told == {"grantcalc": "refusal", "refusal": "No such option '--no-such-option'."}
        assert "Error: No such option" in result.stderr

    def test_of_a_missing_file(self, tmp_path: Path) -> None:
        status, said, _ = grantcalc("check", tmp_path / "no.xlsx", "--json")
        assert status == Status.REFUSED
        assert "does not exist" in json.loads(said)["refusal"]

    def test_of_a_system_that_fails(self, world: sample_program.World, tmp_path: Path) -> None:
        (out := tmp_path / "request.xlsx").symlink_to(tmp_path / "nowhere" / "request.xlsx")
        ask = ("request", world.inputs / "award.xlsx", world.documents["claim"], "--out", out, "--json")
        status, said, told = grantcalc(*ask)
        assert status == Status.REFUSED
        assert json.loads(said) == {"grantcalc": "refusal", "refusal": "No such file or directory"}
        assert last(told) == "No such file or directory; nothing was written."


class TestHelp:
    """The commands stand under headings, each with what it does on one line."""

    def test_each_stands_under_one_heading(self) -> None:
        names = [name for found in HEADINGS.values() for name in found]
        assert len(names) == len(set(names)) == 33
        assert set(names) == set(main.commands)

    @pytest.mark.parametrize("path", [(), ("ledger",), ("programs",), ("layout",)], ids=" ".join)
    def test_each_fits_its_line(self, path: tuple[str, ...]) -> None:
        group = main.commands[path[0]] if path else main
        assert isinstance(group, click.Group)
        told = CliRunner().invoke(main, [*path, "-h"], terminal_width=80).stdout
        lines = told[told.index("Billing:" if not path else "Commands:") :].splitlines()
        rows = [line.split(None, 1) for line in lines if line.startswith("  ")]
        assert {name for name, _ in rows} == set(group.commands)
        assert all(said.endswith(".") and not said.endswith("...") for _, said in rows)
        assert [heading[:-1] for heading in lines if heading[:1].strip()] == ([*HEADINGS] if not path else ["Commands"])


@pytest.mark.slow
class TestOutDash:
    """`--out -` writes the workbook to standard output, and the sentences to the other."""

    def test_the_same_bytes(self, bill: list[object], world: sample_program.World) -> None:
        status, data, told = grantcalc(*bill, "-")
        assert status == Status.DONE
        assert data == world.documents["claim"].read_bytes()
        assert "\nstandard output: 29 lines, earned 2,100.79" in told

    def test_a_request(self, world: sample_program.World, tmp_path: Path) -> None:
        ask = ("request", world.inputs / "award.xlsx", world.documents["claim"], "--out")
        assert grantcalc(*ask, out := tmp_path / "request.xlsx")[0] == Status.DONE
        status, data, _ = grantcalc(*ask, "-")
        assert (status, data) == (Status.DONE, out.read_bytes())

    def test_a_check_with_findings(self, world: sample_program.World, tmp_path: Path) -> None:
        """Its workbook is written too, and its status stays."""
        award, out = world.inputs / "award.xlsx", tmp_path / "order.xlsx"
        status, said, _ = grantcalc("check-award", award, "--out", out)
        again, data, told = grantcalc("check-award", award, "--out", "-")
        assert (again, data) == (status, out.read_bytes())
        assert told.endswith(said.decode())

    @with_full
    def test_nothing_was_written_where_it_cannot_go(self, bill: list[object]) -> None:
        status, told = into_full_device(*bill, "-")
        assert status == Status.UNPRINTED
        assert last(told) == "standard output cannot be written: No space left on device; nothing was written."

    def test_refused_where_it_makes_no_sense(
        self, bill: list[object], world: sample_program.World, tmp_path: Path
    ) -> None:
        status, said, told = grantcalc(*bill, "-", "--json")
        assert status == Status.REFUSED
        assert json.loads(said)["refusal"] in told
        assert last(told) == "Error: --out - and --json both use standard output: name a file"
        Store(ledger := tmp_path / "ledger.db", create=True).append((), "0" * 64)
        ask = ("request", world.inputs / "award.xlsx", "--ledger", ledger, "--out", "-")
        status, said, told = grantcalc(*ask)
        assert (status, said) == (Status.REFUSED, b"")
        assert "--out - is refused with --ledger" in last(told)

    def test_refused_on_a_terminal(self, bill: list[object]) -> None:
        mine, theirs = os.openpty()
        status, _, told = grantcalc(*bill, "-", out=theirs)
        os.close(theirs)
        os.close(mine)
        assert status == Status.REFUSED
        assert "--out - writes a workbook to standard output: redirect it" in last(told)
