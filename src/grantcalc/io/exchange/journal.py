"""A ledger as JSON Lines: an entry on each line, readable in a diff, each with the head of the
chain up to it.

Anybody can follow the chain: the head of a line is the SHA-256 of the head before it (64 zeros
before the first), a line feed, and the line without its last key. What is read is what was written,
byte for byte, or every fault is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from hashlib import sha256

from grantcalc.declared import checked
from grantcalc.errors import Finding, Place, Rejected, refuse
from grantcalc.io.exchange.documents import from_json
from grantcalc.ledger.chain import NOTHING, head_of
from grantcalc.ledger.entries import Change, Entry, Posting, Voided
from grantcalc.ledger.ledger import Ledger
from grantcalc.provenance import Input

BEGINS = b'{"grantcalc":"entry","format":'
"""How a ledger with any entry begins."""


@checked
def to_lines(ledger: Ledger) -> str:
    """The ledger as JSON Lines, one entry on each, with a line feed at the end of each."""
    return "".join(f"{entry.line}\n" for entry in ledger.entries)


@checked
def from_lines(data: bytes, file: str = "", head: str = "") -> Ledger:
    """The ledger that `to_lines` wrote, from the bytes of a file with this name.

    `head` is the head that was published, if one is: a ledger that does not hold it was cut off or
    is another. `Rejected` with a finding at each line that is no entry or is not written as one,
    and for each entry that was changed, is missing, was added or moved.
    """
    if not isinstance(data, bytes):
        raise TypeError(f"a ledger must be bytes, not {type(data).__name__}")
    entries: list[Entry] = []
    findings: list[Finding] = []
    texts = data.split(b"\n")
    if texts.pop() != b"":
        findings.append(_at(file, len(texts) + 1, "end", "the file does not end with a line feed", "one"))
    for number, raw in enumerate(texts, 1):
        try:
            entry = from_json(raw.decode(), file)
        except UnicodeDecodeError:
            findings.append(_at(file, number, "text", "this line is not UTF-8", "a ledger entry"))
        except Rejected as refused:
            findings += (
                Place(file, f.place.sheet, "", number).finding(f.cause, f.problem, f.expected, f.found)
                for f in refused.findings
            )
        else:
            if not isinstance(entry, Entry):
                findings.append(_at(file, number, "kind", "this line is not a ledger entry", "an entry"))
            elif entry.line.encode() != raw:
                findings.append(_at(file, number, "written", "this entry is not in the format of a ledger"))
            else:
                entries.append(entry)
    refuse(findings, Rejected)
    ledger = Ledger(tuple(entries))
    refuse(broken(ledger, file), Rejected)
    if head and head != NOTHING and all(e.head != head for e in entries):
        problem = "this ledger does not hold the entry with the head that was published"
        raise Rejected([_at(file, len(entries), "head", problem)])
    return ledger


def as_ledger_input(ledger: Ledger, where: str) -> Input:
    """A ledger as an input of a request: the digest of its lines, and its head as that of the
    facts."""
    name = where.replace("\\", "/").rsplit("/", 1)[-1].split("?", 1)[0]
    return Input("ledger", name, sha256(to_lines(ledger).encode()).hexdigest(), ledger.head, ledger.known)


def broken(ledger: Ledger, file: str = "") -> tuple[Finding, ...]:
    """Where the entries of a ledger do not follow from one another: nothing, unless it was tampered
    with."""
    return tuple(broken_entries(ledger.entries, file))


def broken_entries(entries: Iterable[Entry], file: str) -> Iterator[Finding]:
    """The same of entries that are read one by one."""
    head, no, day, due = NOTHING, 0, date.min, 0
    for number, entry in enumerate(entries, 1):
        if entry.no != no + 1:
            problem = f"entry {no + 1} is missing here"
            yield _at(file, number, "order", problem, "every entry, in order", f"entry {entry.no}")
        elif entry.head != head_of(head, entry.text):
            problem = f"entry {entry.no} was changed, or the one before it: its head does not follow"
            yield _at(file, number, "head", problem, "the head that the chain gives")
        if entry.posted < day:
            yield _at(file, number, "known", f"entry {entry.no} was posted before the one above it", f"{day} or later")
        if (due > 0) != isinstance(entry.act, Change):
            problem = "this change is not part of a posting" if due == 0 else f"a posting lacks {due} of its changes"
            yield _at(file, number, "changes", problem, "a posting and its changes together")
            due = 0
        else:
            due -= due > 0
        if isinstance(entry.act, Posting | Voided):
            due = entry.act.changes
        head, no, day = entry.head, entry.no, entry.posted
    if due:
        yield _at(file, no, "changes", f"the last posting lacks {due} of its changes", "a posting and its changes")


def _at(file: str, line: int, cause: str, problem: str, expected: str = "", found: str = "") -> Finding:
    return Place(file, "", "", line).finding(cause, problem, expected, found)
