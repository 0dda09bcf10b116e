"""The same parts under every openpyxl that pyproject.toml allows, with lxml and without: `make
deep` runs `python tests/versions.py`.

It fetches each version into a folder of its own, and prints the digest of a claim of every kind of
cell. No test of the suite, since it needs the network.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ("3.1.3", "3.1.4", "3.1.5")
DIGEST = """
import sys
from io import BytesIO
import openpyxl
from openpyxl.xml import LXML
from grantcalc.xlsx.package import parts_digest
from tests.test_sheets import BYTES, TestSameBytes
here = parts_digest(BytesIO(BYTES))
print("openpyxl", openpyxl.__version__, "with lxml" if LXML else "without", here)
sys.exit(here != TestSameBytes.DIGEST)
"""


def main() -> int:
    """0 if every version gives the digest that the tests state."""
    same = True
    for version in VERSIONS:
        for more in ((), ("lxml",)):
            with tempfile.TemporaryDirectory() as folder:
                wanted = [f"openpyxl=={version}", *more]
                install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, *wanted]
                subprocess.run(install, check=True)
                path = os.pathsep.join((folder, str(ROOT / "src"), str(ROOT)))
                same &= not subprocess.call([sys.executable, "-c", DIGEST], env={**os.environ, "PYTHONPATH": path})
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
