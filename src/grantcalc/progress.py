"""Bars for long work, where a program asks for them: in a terminal, on its error output, and in a
notebook.

A library call writes nothing to the streams of its host. In a pipe and for short work there is no
bar either way.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from importlib import import_module
from typing import Any, TypeVar

__all__ = ["show_progress"]

T = TypeVar("T")

_STEPS = 50  # how often a notebook is told, since it keeps every message
_SHOWN: ContextVar[bool] = ContextVar("progress", default=False)


@contextmanager
def show_progress() -> Iterator[None]:
    """Show bars meanwhile: for reading several workbooks and writing long ones, in a terminal or a
    notebook.

    It holds for the thread (or asyncio task) that enters it. What is read and written is the same
    with bars as without.
    """
    token = _SHOWN.set(True)
    try:
        yield
    finally:
        _SHOWN.reset(token)


def watched(steps: Iterable[T], what: str, total: int, least: int = 1) -> Iterable[T]:
    """The same steps, shown on a bar while they are gone through, unless fewer than `least` are
    expected.

    Give it steps of milliseconds, not rows: each moves the bar. It changes none of them, and adds
    none.
    """
    if total >= least and _SHOWN.get():
        if _in_notebook():
            return _on_page(steps, what, total)
        if _at_terminal():
            return _in_terminal(steps, what, total)
    return steps


def busy(what: str, size: int, least: int = 1) -> AbstractContextManager[object]:
    """A sign that something is going on of which no steps can be seen; in a terminal, for a `size`
    of `least`."""
    if size < least or not _SHOWN.get() or _in_notebook() or not _at_terminal():
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(f"{what} …")


def _in_terminal(steps: Iterable[T], what: str, total: int) -> Iterator[T]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        for step in steps:
            yield step
            bar.advance(task)


def _at_terminal() -> bool:
    """Whether the error output is a terminal. A host may have closed it, have none, or have put
    another there."""
    stream: Any = sys.stderr
    return hasattr(stream, "isatty") and not getattr(stream, "closed", False) and bool(stream.isatty())


def _in_notebook() -> bool:
    """Whether this runs in a notebook's kernel, and not only where IPython is installed."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


def _on_page(steps: Iterable[T], what: str, total: int) -> Iterator[T]:
    """rich needs more than IPython to move a bar on a page; the page's own bar does not. It goes
    when it is full."""
    page: Any = import_module("IPython.display")
    handle = page.display(page.HTML(_bar(what, 0, total)), display_id=True)
    told = 0
    for done, step in enumerate(steps, 1):
        yield step
        if done * _STEPS // total > told:
            told = done * _STEPS // total
            handle.update(page.HTML(_bar(what, done, total)))
    handle.update(page.HTML(""))


def _bar(what: str, done: int, total: int) -> str:
    return f'<label>{what} <progress value="{done}" max="{total}"></progress></label>'
