"""What makes a notebook show a value: `notebook.py` knows how, and is loaded when the first value
is shown."""

from __future__ import annotations

from importlib import import_module


class Displayed:
    """A value that `notebook.py` shows as HTML. Values know nothing of HTML, and an import loads
    nothing of it."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        page: str = import_module("grantcalc.notebook").show(self)  # it imports the module of each value
        return page
