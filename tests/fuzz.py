"""Workbooks damaged at random, by a seed: each must be read or refused, and cost little. `make
fuzz` tries 100,000.

    python -m tests.fuzz --seed 7 --start 0 --count 100000

The mutant of a seed and a number is always the same, so a run that was stopped goes on at
`--start`, and a fault is looked at again by its number with `--count 1`. Faults are printed as they
come: an exception that is no refusal, more than `SECONDS` of CPU for one mutant, or more than
`GROWTH` of memory for them all. The exit status is 1 if there were any.
"""
# ruff: noqa: E501, T201 (words stand in few lines; a script prints)

from __future__ import annotations

import argparse
import re
import resource
import sys
import tempfile
import traceback
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random
from time import process_time

from grantcalc.errors import Rejected
from grantcalc.io.input_kinds import BILLED, kinds_of, read_as
from grantcalc.io.intake.cells import book_of_bytes
from tests import sample_program
from tests.hostile import FIXTURES

SECONDS, GROWTH = 5, 300 * 2**20

WORDS = (
    *("", "0", "1", "-1", "2147483648", "99999999999", "1e999", "NaN", "0x10", "1_0", "٣", "A1", "a1", "XFD1048576", "XFE1"),
    *("A0", "$A$1", "A1:B2", "A1:XFD1048576", "s", "str", "inlineStr", "b", "e", "d", "n", "shared", "array", "hidden"),
    *("veryHidden", "true", "rId1", "rId2", "../../x", "/", "//", ".", "External", "&#0;", "&#xD800;", "&amp;", "_x0000_"),
    *("_xD800_", "_x005F_", "yyyy", "[h]", ";;;", '&quot;', "a" * 70_000, "é", "\U0001f600", "\ufeff", "9" * 400, "2012-13-01"),
)  # fmt: skip
PIECES = (
    *(
        "<c/>",
        "<row/>",
        "<v>1</v>",
        "<f>A1</f>",
        "<is><t>x</t></is>",
        "</c>",
        "</row>",
        "</sheetData>",
        "<!-- -->",
        "<?a?>",
    ),
    *("<![CDATA[x]]>", "<!DOCTYPE a>", "<a>" * 200, '<c r="A1"><v>1</v></c>', '<f t="shared" si="0"/>', "<", ">", "&"),
    *('<mergeCells><mergeCell ref="A1:B2"/></mergeCells>', '<row r="1" hidden="1">', ' xmlns="urn:x"', ' r="A1"', "\0"),
)


@cache
def bases() -> tuple[bytes, ...]:
    """What is damaged: small packages of every kind, and input workbooks."""
    with tempfile.TemporaryDirectory() as name:
        inputs = sample_program.inputs(Path(name))
        books = [(inputs / f"{name}.xlsx").read_bytes() for name in ("award", "caseload-a")]
    fixtures = [fixture.make() for fixture in FIXTURES]
    return (*(data for data in fixtures if len(data) < 50_000), *books * 5)


def mutant(seed: int, number: int) -> bytes:
    """The damaged package of a seed and a number."""
    chance = Random(f"{seed}:{number}")
    data = chance.choice(bases())
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        data = chance.choice((of_bytes, of_a_part, of_a_part, of_xml, of_xml, of_xml, of_parts))(data, chance)
    return data


def of_bytes(data: bytes, chance: Random) -> bytes:
    """Some bytes flipped, lost, put in or doubled."""
    at = chance.randrange(len(data) + 1)
    size = chance.choice((1, 1, 2, 4, 30, 1000))
    new = chance.choice(
        (b"", chance.randbytes(size), data[at : at + size] * 2, b"\xff" * size, b"PK\x01\x02", b"PK\x05\x06")
    )
    return data[:at] + new + data[at + chance.choice((0, len(new), size)) :]


def of_a_part(data: bytes, chance: Random) -> bytes:
    """The bytes of one part, in a package that is sound otherwise."""
    return repacked(data, chance, lambda text: of_bytes(text, chance))


def of_xml(data: bytes, chance: Random) -> bytes:
    """The tags, values and texts of one part: put in, left out, doubled, moved."""

    def change(part: bytes) -> bytes:
        pieces = re.split(r'(<[^<>]*>|"[^"]*")', part.decode("utf-8", "replace"))
        at = chance.randrange(len(pieces))
        values = [n for n, piece in enumerate(pieces) if piece[:1] == '"'] or [at]
        match chance.randrange(6):
            case 0:
                pieces[chance.choice(values)] = f'"{chance.choice(WORDS)}"'
            case 1:
                pieces[at] = chance.choice(WORDS)
            case 2:
                pieces.insert(at, chance.choice(PIECES))
            case 3:
                del pieces[at : at + chance.choice((1, 2, 5))]
            case 4:
                pieces[at:at] = pieces[at : at + chance.choice((1, 4, 12))] * chance.choice((1, 2, 50))
            case _:
                other = chance.randrange(len(pieces))
                pieces[at], pieces[other] = pieces[other], pieces[at]
        return "".join(pieces).encode("utf-8", "surrogatepass")

    return repacked(data, chance, change)


def of_parts(data: bytes, chance: Random) -> bytes:
    """Whole parts: left out, renamed, doubled, or that of another package."""
    parts = unpacked(data)
    others = unpacked(chance.choice(bases()))
    if not parts or not others:
        return data
    name, other = chance.choice(sorted(parts)), chance.choice(sorted(others))
    match chance.randrange(4):
        case 0:
            del parts[name]
        case 1:
            parts[chance.choice((name.upper(), other, "../" + name, name + "/"))] = parts.pop(name)
        case 2:
            parts[other] = others[other]
        case _:
            parts[name] = others[other]
    return packed(parts, chance)


def repacked(data: bytes, chance: Random, change: Callable[[bytes], bytes]) -> bytes:
    parts = unpacked(data)
    if not parts:
        return of_bytes(data, chance)
    name = chance.choice(sorted(parts))
    return packed({**parts, name: change(parts[name])}, chance)


def unpacked(data: bytes) -> dict[str, bytes]:
    """The parts of a package, as far as they can be had."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            return {info.filename: package.read(info) for info in package.infolist() if info.file_size < 2**21}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, EOFError, OSError):
        return {}


def packed(parts: dict[str, bytes], chance: Random) -> bytes:
    with BytesIO() as target:
        with zipfile.ZipFile(target, "w", chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))) as package:
            for name, text in parts.items():
                package.writestr(zipfile.ZipInfo(name), text)
        return target.getvalue()


def read(data: bytes) -> None:
    """Read a workbook as whatever it is, and refuse it as we do."""
    try:
        book = book_of_bytes(data, "mutant.xlsx")
        for kind in (kind for kind in kinds_of(book) if kind in BILLED):
            read_as(kind, book, lambda _: sample_program.TERMS.encode())
    except Rejected as refused:
        assert refused.findings
        str(refused).encode()  # ours to print


def faults(seed: int, numbers: range) -> Iterator[str]:
    """What went wrong with these mutants, each with its number and where it happened."""
    for number in numbers:
        begin = process_time()
        try:
            read(mutant(seed, number))
        except Exception:  # noqa: BLE001 (this is what is looked for)
            yield f"{seed}:{number} {traceback.format_exc()}"
        if (took := process_time() - begin) > SECONDS:
            yield f"{seed}:{number} took {took:.1f} seconds"


def peak() -> int:
    """The most memory that this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> int:
    arguments = argparse.ArgumentParser(description="Damages workbooks at random, and reads them.")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--start", type=int, default=0)
    arguments.add_argument("--count", type=int, default=100_000)
    given = arguments.parse_args()
    bases()
    before, found, end = peak(), 0, given.start + given.count
    for at in range(given.start, end, 1000):
        numbers = range(at, min(at + 1000, end))
        for fault in faults(given.seed, numbers):
            found += 1
            print(fault, flush=True)
        grown = peak() - before
        print(f"seed {given.seed}: {numbers.stop:,} tried, {found} faults, {grown / 2**20:.0f} MiB more", flush=True)
        if grown > GROWTH:
            print(f"memory grew among the mutants {numbers.start} to {numbers.stop}")
            return 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
