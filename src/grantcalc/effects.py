"""What was written so far, so that whoever reports a failure can say exactly what stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from tempfile import TemporaryDirectory

_EFFECTS: ContextVar[dict[str, str] | None] = ContextVar("effects", default=None)


@contextmanager
def effects() -> Iterator[dict[str, str]]:
    """What is written meanwhile: the name of each file or ledger, and what happened to it ("was
    written").

    Inside another such context it is the same record.
    """
    if (outer := _EFFECTS.get()) is not None:
        yield outer
        return
    done: dict[str, str] = {}
    token = _EFFECTS.set(done)
    try:
        yield done
    finally:
        _EFFECTS.reset(token)


def record(name: str, what: str = "was written") -> None:
    """Record that this happened to the file or ledger of this name. It is called as soon as it
    cannot be undone."""
    if (done := _EFFECTS.get()) is not None:
        done[name] = what


def forget(name: str) -> None:
    """Take back the record of a file that was taken away again."""
    if (done := _EFFECTS.get()) is not None:
        done.pop(name, None)


@contextmanager
def drafts() -> Iterator[Path]:
    """A folder for drafts, where the system keeps temporary files. It goes away with all that is in
    it, so that what is written there leaves no effect."""
    with TemporaryDirectory(prefix="grantcalc-") as name:
        try:
            yield Path(name)
        finally:
            if (done := _EFFECTS.get()) is not None:
                for file in [file for file in done if Path(file).is_relative_to(name)]:
                    del done[file]


def told(done: Mapping[str, str]) -> str:
    """The record as words that end a sentence: "nothing was written", or "claim.xlsx was
    written"."""
    return ", ".join(f"{name} {what}" for name, what in done.items()) or "nothing was written"
