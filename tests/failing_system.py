"""A system of which one call fails, or kills the process: `python -m tests.failing_system FOLDER`.

Every fork of this process saves the same file and dies at the k-th call, for each k until one of
them finishes. After each death the file must be the old one or the new one, and beside it at most a
draft. Prints how many died, how many finished, and how many left a draft.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from grantcalc.xlsx import package

CHUNKS = (b"a new file, ", b"in three " * 9000, b"parts")
NEW = b"".join(CHUNKS)


def is_draft(path: Path) -> bool:
    return re.fullmatch(r"\.grantcalc-[0-9a-f]{16}\.draft", path.name) is not None


class System:
    """The module `os`, its calls counted, and those of the file that it opens; the one of this
    number fails."""

    def __init__(self, number: int, fault: OSError | None) -> None:
        self.number, self.fault = number, fault
        self.made: list[str] = []

    @property
    def calls(self) -> int:
        return len(self.made)

    def __getattr__(self, name: str) -> Any:
        found = getattr(os, name)
        if not callable(found) or name == "unlink":  # that takes a draft away once something else has failed
            return found
        return self._counted(name, found)

    def _counted(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any) -> Any:
            self.made.append(name)
            if self.calls == self.number:
                if self.fault is None:
                    os._exit(9)
                if "close" in name:
                    call(*args)  # a file whose closing fails is closed
                raise self.fault
            answer = call(*args)
            return File(answer, self._counted) if name == "fdopen" else answer

        return counted


class File:
    """An open file, its calls counted."""

    def __init__(self, file: Any, counted: Callable[..., Any]) -> None:
        self._file, self._counted = file, counted

    def __getattr__(self, name: str) -> Any:
        return self._counted(f"file.{name}", getattr(self._file, name))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def main(folder: Path) -> None:
    path, deaths, drafts = folder / "claim.xlsx", 0, 0
    while True:
        path.write_bytes(b"old")
        child = os.fork()
        if not child:
            package.os = System(deaths + 1, None)  # type: ignore[attr-defined,assignment]
            package.save(path, lambda file: "".join(str(file.write(chunk)) for chunk in CHUNKS))
            os._exit(0)
        died = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        assert path.read_bytes() in (b"old", NEW)
        left = [p for p in folder.iterdir() if p != path]
        assert len(left) <= 1
        assert all(map(is_draft, left))
        drafts += len(left)
        for draft in left:
            draft.unlink()
        if not died:
            break
        deaths += 1
    sys.stdout.write(f"{deaths} 1 {drafts}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
