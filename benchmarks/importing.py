"""What importing costs: `import grantcalc` beside the libraries that are given alone, and what
billing needs.

    python benchmarks/importing.py

Each import runs in a fresh process, in turns with the others; the figure is CPU time, the median of
the rounds. All modules are compiled before. Past a limit the exit status is 1.
"""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median
from tempfile import TemporaryDirectory

ROUNDS = 15
GIVEN = "import attrs, moneyed, pendulum"
# "`import grantcalc` costs at most 100 ms more than the given libraries alone", where those cost
# 158 ms: a ratio of 1.6 does not depend on the machine. What else is here has a limit so that it
# does not grow unseen.
LIMITS = {
    f"{GIVEN}, grantcalc": 1.6,
    "from grantcalc import bill": 3.0,
    "from grantcalc import *": 5.0,
}


def seconds(code: str, compiled: str) -> float:
    """Seconds of CPU that a fresh process takes for some imports."""
    script = f"from time import process_time\nbegin = process_time()\n{code}\nprint(process_time() - begin)"
    env = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, env=env, capture_output=True, text=True, check=True)  # noqa: S603  # this Python
    return float(run.stdout)


def main() -> int:
    """Print the figures; 1 where one is past its limit."""
    with TemporaryDirectory() as compiled:
        took: dict[str, list[float]] = {code: [] for code in (GIVEN, *LIMITS)}
        for code in took:
            seconds(code, compiled)
        for _ in range(ROUNDS):
            for code, found in took.items():
                found.append(seconds(code, compiled))
    given = median(took[GIVEN])
    print(f"{1000 * given:6.0f} ms  {GIVEN}")
    held = True
    for code, limit in LIMITS.items():
        ratio = median(took[code]) / given
        held &= ratio <= limit
        verdict = "within" if ratio <= limit else "PAST"
        print(f"{1000 * median(took[code]):6.0f} ms  {code}: {ratio:.2f} times, {verdict} the limit of {limit}")
    return 0 if held else 1


if __name__ == "__main__":
    raise SystemExit(main())
