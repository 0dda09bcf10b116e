"""The command `grantcalc`, which `python -m grantcalc` is too: what the shell starts."""

import sys
from typing import NoReturn


def command() -> NoReturn:
    """Run the command of this process. The libraries load here, so that Ctrl-C shows no traceback
    while they do."""
    try:
        from grantcalc.cli.console import console
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted; nothing was written.\n")
        sys.exit(130)  # Status.INTERRUPTED, whose module has not loaded
    console()


if __name__ == "__main__":
    command()
