"""Who signed a document, or the head of a ledger: the signature beside it, and the allowed
signers."""

from __future__ import annotations

import re
from pathlib import Path

from attrs import evolve

from grantcalc.audit.verify import Difference, Verdict
from grantcalc.errors import Finding, Place, Rejected
from grantcalc.files import read_file
from grantcalc.ledger.merkle import TreeHead
from grantcalc.signatures import Unsigned, read_signers, signed_by
from grantcalc.xlsx.scan import ISSUED

_SMALL = 2**20
_HEAD = re.compile(r"grantcalc ledger head\nentries (0|[1-9][0-9]{0,8})\nchain ([0-9a-f]{64})\nroot ([0-9a-f]{64})\n")


def signer_of(file: Path, signers: Path, most: int = ISSUED.packed) -> str:
    """Who signed a file, by the signature that `ssh-keygen -Y sign` wrote beside it, as FILE.sig.

    `Unsigned` says why it does not hold, or that there is none; `Rejected` for a file of signers
    that is not honored.
    """
    allowed = read_signers(read_file(signers, _SMALL), signers.name)
    beside = file.with_name(f"{file.name}.sig")
    if not beside.exists():
        raise Unsigned(f"there is no {beside.name} beside it")
    return signed_by(read_file(file, most), read_file(beside, _SMALL), allowed)


def against_signers(verdict: Verdict, document: Path, signers: Path) -> Verdict:
    """The verdict on a document, with who signed it as a note, or why the signature does not hold
    as a difference."""
    try:
        note = f"signed by {signer_of(document, signers)}"
    except Unsigned as wrong:
        lack = Difference("the signature", wrong.reason, "the signature of an allowed signer")
        return evolve(verdict, differences=(*verdict.differences, lack))
    return evolve(verdict, notes=(*verdict.notes, note))


def read_head(file: Path) -> tuple[TreeHead, str]:
    """The tree head and the head of the chain that `grantcalc ledger head` printed into a file."""
    match = _HEAD.fullmatch(read_file(file, _SMALL).decode("utf-8", "replace"))
    if not match:
        problem = "this is no head of a ledger"
        raise Rejected(
            [
                Finding(
                    place=Place(file.name),
                    cause="head",
                    problem=problem,
                    expected="what `grantcalc ledger head` prints",
                )
            ]
        )
    return TreeHead(int(match[1]), match[3]), match[2]
