"""Saving: every call of the system fails in turn, or the process is killed there, and what then
stands on the disk."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import pytest

from grantcalc.xlsx import package
from grantcalc.xlsx.package import Unwritable, save
from tests import failing_system
from tests.failing_system import CHUNKS, NEW, System

ROOT = Path(__file__).resolve().parent.parent
OLD = b"the old file"
NOBODY = 65534


def write(file: BinaryIO) -> str:
    for chunk in CHUNKS:  # noqa: FURB122 (each is a call that may fail)
        file.write(chunk)
    return "answer"


def failures(path: Path, monkeypatch: pytest.MonkeyPatch, number: int, fault: OSError) -> bool:
    """Whether saving came to a call of this number, which then failed."""
    system = System(number, fault)
    with monkeypatch.context() as here:
        here.setattr(package, "os", system)
        try:
            save(path, write)
        except OSError as raised:
            assert raised is fault
    return system.calls >= number


def calls(monkeypatch: pytest.MonkeyPatch, path: Path) -> list[str]:
    system = System(0, OSError())
    with monkeypatch.context() as here:
        here.setattr(package, "os", system)
        save(path, write)
    return system.made


class TestTheOldOrTheNew:
    """Saving is atomic: the old file or the new one, never a third thing."""

    @pytest.mark.parametrize("old", [OLD, None], ids=["over an old file", "where none was"])
    @pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES])
    def test_each_call_fails_in_turn(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bytes | None, code: int
    ) -> None:
        """And nothing is left beside it: no draft."""
        path, number, outcomes = tmp_path / "claim.xlsx", 1, []
        while True:
            path.unlink(missing_ok=True)
            if old is not None:
                path.write_bytes(old)
                path.chmod(0o640)
            if not failures(path, monkeypatch, number, OSError(code, os.strerror(code))):
                break
            assert {p.name for p in tmp_path.iterdir()} <= {"claim.xlsx"}
            found = path.read_bytes() if path.exists() else None
            assert found in (old, NEW)
            if old is not None:
                assert path.stat().st_mode & 0o777 == 0o640
            outcomes.append(found == NEW)
            number += 1
        assert outcomes == sorted(outcomes)  # the old one up to a point, the new one from there on
        assert outcomes.count(False) >= 9
        assert outcomes.count(True) == 3  # only settling the folder comes after

    def test_every_call_of_the_system_is_made_and_counted(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (path := tmp_path / "claim.xlsx").write_bytes(OLD)
        made = calls(monkeypatch, path)
        writes = ["file.write"] * len(CHUNKS)
        first = ["stat", "open", "fdopen", *writes, "file.flush", "chmod", "file.fileno", "fsync", "file.close"]
        assert made == [*first, "replace", "open", "fsync", "close"]
        path.unlink()
        assert calls(monkeypatch, path) == [call for call in made if call != "chmod"]

    @pytest.mark.skipif(sys.platform == "win32", reason="forks")
    def test_killed_at_each_call_in_turn(self, tmp_path: Path) -> None:
        """Only a draft may stay, which says by its name what it is; and it is in nobody's way."""
        command, env = (
            [sys.executable, "-m", "tests.failing_system", str(tmp_path)],
            {**os.environ, "PYTHONPATH": "src"},
        )
        told = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True)
        deaths, finished, drafts = map(int, told.stdout.split())
        assert deaths >= 12
        assert finished == 1
        assert drafts == deaths - 1 - 4  # not before one is opened, nor after it took the place of the old file

    @pytest.mark.skipif(sys.platform == "win32", reason="limits of a process")
    def test_a_disk_that_is_really_full(self, tmp_path: Path) -> None:
        """The system itself refuses to let the file grow."""
        (path := tmp_path / "claim.xlsx").write_bytes(OLD)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(NEW) // 2, limits[1]))
        try:
            with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
                save(path, write)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("claim.xlsx", OLD)]

    @pytest.mark.parametrize("stop", [KeyboardInterrupt, ZeroDivisionError])
    def test_interrupted_by_hand(self, tmp_path: Path, stop: type[BaseException]) -> None:
        def interrupted(file: BinaryIO) -> str:
            file.write(b"half")
            raise stop

        (path := tmp_path / "claim.xlsx").write_bytes(OLD)
        with pytest.raises(stop):
            save(path, interrupted)
        assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("claim.xlsx", OLD)]

    def test_a_draft_that_cannot_be_taken_away_hides_no_reason(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(file: BinaryIO) -> str:
            raise OSError(errno.EIO, "first")

        def unlink(_: Any) -> None:
            raise OSError(errno.EACCES, "second")

        monkeypatch.setattr(os, "unlink", unlink)
        with pytest.raises(OSError, match="first"):
            save(tmp_path / "claim.xlsx", fail)
        monkeypatch.undo()
        (left,) = tmp_path.iterdir()
        assert failing_system.is_draft(left)


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
class TestPermissions:
    """Permissions are kept; those of a new file follow the umask; a link keeps pointing."""

    @pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o444])
    def test_of_a_file_that_was_there(self, tmp_path: Path, umask: None, mode: int) -> None:
        (path := tmp_path / "claim.xlsx").write_bytes(OLD)
        path.chmod(mode)
        assert save(path, write) == "answer"
        assert path.read_bytes() == NEW
        assert path.stat().st_mode & 0o7777 == mode

    def test_of_a_new_file(self, tmp_path: Path, umask: None) -> None:
        save(path := tmp_path / "claim.xlsx", write)
        assert path.stat().st_mode & 0o7777 == 0o640

    def test_of_the_draft_of_a_private_file(self, tmp_path: Path) -> None:
        """Nobody else reads it, not even while it is written."""
        seen = list[int]()

        def look(file: BinaryIO) -> str:
            seen.extend(p.stat().st_mode & 0o777 for p in tmp_path.iterdir() if failing_system.is_draft(p))
            return write(file)

        (path := tmp_path / "claim.xlsx").write_bytes(OLD)
        path.chmod(0o600)
        save(path, look)
        assert seen == [0o600]

    def test_through_links(self, tmp_path: Path) -> None:
        (inner := tmp_path / "inner").mkdir()
        (outer := tmp_path / "outer").mkdir()
        (path := inner / "claim.xlsx").write_bytes(OLD)
        (first := inner / "first.xlsx").symlink_to("claim.xlsx")
        (link := outer / "second.xlsx").symlink_to(first)
        save(link, write)
        assert path.read_bytes() == NEW
        assert link.is_symlink()
        assert first.is_symlink()
        assert sorted(p.name for p in (*inner.iterdir(), *outer.iterdir())) == [
            "claim.xlsx",
            "first.xlsx",
            "second.xlsx",
        ]

    def test_through_a_link_to_nothing_yet(self, tmp_path: Path) -> None:
        (link := tmp_path / "link.xlsx").symlink_to("claim.xlsx")
        save(link, write)
        assert link.is_symlink()
        assert (tmp_path / "claim.xlsx").read_bytes() == NEW

    @pytest.mark.parametrize("what", ["a folder", "a pipe", "a circle of links"])
    def test_something_else_is_there(self, tmp_path: Path, what: str) -> None:
        path = tmp_path / "claim.xlsx"
        if what == "a folder":
            path.mkdir()
        elif what == "a pipe":
            os.mkfifo(path)
        else:
            path.symlink_to("claim.xlsx")
        with pytest.raises((Unwritable, OSError)):
            save(path, write)
        assert [p.name for p in tmp_path.iterdir()] == ["claim.xlsx"]
        assert path.is_symlink() == (what == "a circle of links")

    def test_a_folder_that_may_only_be_read(self) -> None:
        with TemporaryDirectory() as name:
            (path := Path(name) / "claim.xlsx").write_bytes(OLD)
            path.parent.chmod(0o555)
            if root := os.geteuid() == 0:
                os.seteuid(NOBODY)  # root may write everywhere
            try:
                with pytest.raises(PermissionError):
                    save(path, write)
            finally:
                if root:
                    os.seteuid(0)
                path.parent.chmod(0o755)
            assert [(p.name, p.read_bytes()) for p in path.parent.iterdir()] == [("claim.xlsx", OLD)]

    def test_a_name_as_long_as_may_be(self, tmp_path: Path) -> None:
        save(path := tmp_path / ("x" * 250 + ".xlsx"), write)
        assert path.read_bytes() == NEW
