"""A workbook as PDF, by LibreOffice where it is installed: as it prints, for people who do not open
workbooks."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from grantcalc.declared import checked
from grantcalc.errors import Place
from grantcalc.xlsx.package import Unwritable, save

_OFFICE = ("soffice", "libreoffice")
LONGEST = 600
"""Seconds after which LibreOffice is taken to hang."""


@checked
def write_pdf(document: str | Path, path: str | Path, *, private: bool = False) -> str:
    """Write a workbook as PDF, and give the name of the file.

    LibreOffice lays it out, so that the bytes depend on its version and fonts; what is verified is
    the workbook. A new file that is `private` is readable by its owner alone. `Unwritable` where
    LibreOffice is not installed, or makes no PDF of the document.
    """
    document, path = Path(document), Path(path)
    if document.suffix.lower() not in (".xlsx", ".xlsm"):
        raise Unwritable(Place(document.name), "PDF is made of workbooks; print a page from the browser")
    office = next(filter(None, map(shutil.which, _OFFICE)), None)
    if office is None:
        raise Unwritable(Place(path.name), "PDF needs LibreOffice, which is not installed here (soffice on the PATH)")
    with TemporaryDirectory() as folder:
        profile = f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}"
        command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", folder, str(document)]
        try:
            subprocess.run(command, capture_output=True, timeout=LONGEST, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise Unwritable(Place(document.name), f"LibreOffice made no PDF in {LONGEST} seconds") from None
        printed = Path(folder) / f"{document.stem}.pdf"
        if not printed.is_file():
            raise Unwritable(Place(document.name), "LibreOffice made no PDF of this document")
        data = printed.read_bytes()

        def fill(target: BinaryIO) -> str:
            target.write(data)
            return path.name

        return save(path, fill, private=private)
