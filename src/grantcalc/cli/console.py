"""The console entry: what the shell starts."""

from __future__ import annotations

import sys
import traceback
from typing import NoReturn

from grantcalc.cli import main
from grantcalc.cli.group import last_words
from grantcalc.cli.statuses import Status
from grantcalc.cli.streams import drop_unprinted, watch_streams
from grantcalc.effects import effects, told


def console() -> NoReturn:
    """Run the command of this process, and exit with its status.

    This is the one place that catches every exception: one that nobody foresaw becomes a sentence
    and status 70. With `--debug` before the command its traceback is shown too.
    """
    watch_streams()
    try:
        with effects() as done:
            try:
                main()
            except KeyboardInterrupt:  # a second one, while the first was told
                sys.exit(Status.INTERRUPTED)
            except Exception as fault:  # noqa: BLE001  # a user never sees a traceback unasked
                last_words(_sentence(fault, told(done), debug="--debug" in sys.argv[1:]))
                sys.exit(Status.FAULT)
    finally:
        drop_unprinted()
    raise AssertionError("main always exits")


def _sentence(fault: Exception, written: str, *, debug: bool) -> str:
    """The exception's own words stay out unless they are asked for: they may repeat what stands in
    a workbook."""
    if debug:
        return f"{''.join(traceback.format_exception(fault))}grantcalc itself failed; {written}."
    hint = "`grantcalc --debug` and the same command show where"
    return f"grantcalc itself failed ({type(fault).__name__}); {written}. Please report it: {hint}."
