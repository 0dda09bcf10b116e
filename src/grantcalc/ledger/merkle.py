"""The Merkle tree of a ledger, after RFC 6962: leaf N is the head of the chain after entry N, as 32
bytes.

A tree head is how many entries there are, and the root. Whoever holds one that was published can
check, without the ledger, that an entry is in it, or that a later one extends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from attrs import frozen


@frozen
class TreeHead:
    """How many entries a ledger has, and the root of their tree as 64 hexadecimal digits."""

    entries: int
    root: str

    def __str__(self) -> str:
        return f"{self.entries}:{self.root}"


def tree_head(leaves: Sequence[bytes]) -> TreeHead:
    """The tree head over these leaves; of none it is the SHA-256 of nothing (RFC 6962, 2.1)."""
    return TreeHead(len(leaves), _root(leaves).hex())


def inclusion(leaves: Sequence[bytes], no: int) -> tuple[bytes, ...]:
    """The path from leaf `no`, counted from 1, to the root: what stands beside it, from the leaf
    upwards (2.1.1)."""
    if len(leaves) == 1:
        return ()
    half = _half(len(leaves))
    if no <= half:
        return *inclusion(leaves[:half], no), _root(leaves[half:])
    return *inclusion(leaves[half:], no - half), _root(leaves[:half])


def consistency(leaves: Sequence[bytes], earlier: int) -> tuple[bytes, ...]:
    """The nodes that show that the tree of these leaves extends the tree of the first `earlier` of
    them, at least one (2.1.2)."""
    return _consistency(leaves, earlier, whole=True)


def _consistency(leaves: Sequence[bytes], earlier: int, *, whole: bool) -> tuple[bytes, ...]:
    if earlier == len(leaves):
        return () if whole else (_root(leaves),)
    half = _half(len(leaves))
    if earlier <= half:
        return *_consistency(leaves[:half], earlier, whole=whole), _root(leaves[half:])
    return *_consistency(leaves[half:], earlier - half, whole=False), _root(leaves[:half])


def _half(size: int) -> int:
    """The largest power of two below a size of at least 2."""
    return 1 << (size - 1).bit_length() - 1


def _root(leaves: Sequence[bytes]) -> bytes:
    level = [sha256(b"\0" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [sha256(b"\1" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)] + odd
    return level[0] if level else sha256().digest()
