"""Bars for long work: in a terminal, on its error output, and in a notebook. In a pipe and for short work, nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any, TypeVar

T = TypeVar("T")

_STEPS = 50  # how often a notebook is told, since it keeps every message


def watched(steps: Iterable[T], what: str, total: int, least: int = 1) -> Iterable[T]:
    """The same steps, shown on a bar while they are gone through, unless fewer than `least` are expected.

    Give it steps of milliseconds, not rows: each moves the bar. It changes none of them, and adds none.
    """
    if total >= least:
        if _in_notebook():
            return _on_page(steps, what, total)
        if sys.stderr.isatty():
            return _in_terminal(steps, what, total)
    return steps


def busy(what: str, size: int, least: int = 1) -> AbstractContextManager[object]:
    """A sign that something is going on of which no steps can be seen; in a terminal, for a `size` of `least`."""
    if size < least or _in_notebook() or not sys.stderr.isatty():
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


def _in_notebook() -> bool:
    """Whether this runs in a notebook's kernel, and not only where IPython is installed."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


def _on_page(steps: Iterable[T], what: str, total: int) -> Iterator[T]:
    """rich needs more than IPython to move a bar on a page; the page's own bar does not. It goes when it is full."""
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
