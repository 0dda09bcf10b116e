"""Inclusion and extension by RFC 6962: proven by the command, and checked by the lines of
docs/proofs.md alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from grantcalc.cli import main
from grantcalc.io import Store
from grantcalc.ledger.chain import NOTHING
from grantcalc.ledger.merkle import consistency, inclusion, tree_head
from tests.killed_writes import longer
from tests.test_store import LEDGER

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "proofs.md").read_text("utf-8")
CHECKER: dict[str, Any] = {}
(LINES,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
assert "grantcalc" not in LINES.partition("texts = ")[0]
exec(compile(LINES, "docs/proofs.md", "exec"), CHECKER)  # the page's own lines, and their vectors
is_included: Callable[..., bool] = CHECKER["is_included"]
is_extended: Callable[..., bool] = CHECKER["is_extended"]

LEAVES = [bytes([n % 256, n // 256]) * 16 for n in range(600)]
# of the logs of Certificate Transparency: these leaves, and the roots of the first so many
KNOWN = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def root(leaves: list[bytes]) -> bytes:
    """The root as RFC 6962 defines it."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()


class TestTree:
    """Each leaf of each tree is proven; each tree extends each earlier one; and nothing else is."""

    @pytest.mark.parametrize("size", ROOTS)
    def test_roots_that_others_published(self, size: int) -> None:
        assert tree_head([bytes.fromhex(leaf) for leaf in KNOWN[:size]]).root == ROOTS[size]

    @given(st.integers(1, 600), st.data())
    def test_every_leaf_is_included(self, size: int, data: st.DataObject) -> None:
        leaves = LEAVES[:size]
        top, no = root(leaves), data.draw(st.integers(1, size))
        assert tree_head(leaves).root == top.hex()
        path = inclusion(leaves, no)
        assert is_included(leaves[no - 1], no, size, top, path)
        other = data.draw(st.integers(1, size + 1))
        assert is_included(leaves[no - 1], other, size, top, path) is (other == no)
        assert not is_included(LEAVES[-1] + b"x", no, size, top, path)
        if path:
            assert not is_included(leaves[no - 1], no, size, top, path[:-1])

    @given(st.integers(1, 600), st.data())
    def test_every_tree_extends_each_earlier_one(self, size: int, data: st.DataObject) -> None:
        earlier = data.draw(st.integers(1, size))
        old, new = root(LEAVES[:earlier]), root(LEAVES[:size])
        path = consistency(LEAVES[:size], earlier)
        assert is_extended(earlier, old, size, new, path)
        assert is_extended(earlier, new, size, new, path) is (earlier == size)
        changed = root([b"changed", *LEAVES[1:earlier]])
        assert not is_extended(earlier, changed, size, new, path)
        assert not is_extended(earlier, old, size, new, [*path, b"more"])


@pytest.fixture
def where(tmp_path: Path) -> str:
    store = Store(str(tmp_path / "ledger.db"), create=True)
    store.append(longer(LEDGER, "S-many", 18).entries, NOTHING)
    return store.where


def prove(*arguments: object, status: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(main, ["ledger", *map(str, arguments), "--json"], catch_exceptions=False)
    assert result.exit_code == status, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


class TestCommand:
    """`ledger head` and `ledger prove`, checked without grantcalc."""

    def test_every_entry(self, where: str) -> None:
        head = prove("head", where)
        lines = [entry.line for entry in Store(where).load().entries]
        for no, line in enumerate(lines, 1):
            proof = prove("prove", where, no)
            text = f"{line.rpartition(',')[0]}}}"
            leaf = CHECKER["leaf_of"](proof["before"], text)
            assert leaf.hex() == proof["leaf"]
            path = [bytes.fromhex(node) for node in proof["path"]]
            assert is_included(leaf, no, head["entries"], bytes.fromhex(head["root"]), path)
        assert head["chain"] == Store(where).load().head

    def test_every_earlier_head(self, where: str) -> None:
        head = prove("head", where)
        for size in range(head["entries"] + 1):
            then = prove("head", where, "--entries", size)
            proof = prove("prove", where, "--since", f"{size}:{then['root']}")
            path = [bytes.fromhex(node) for node in proof["path"]]
            old, new = (bytes.fromhex(found["root"]) for found in (then, head))
            assert is_extended(size, old, head["entries"], new, path)

    def test_the_vectors_of_the_page(self, tmp_path: Path) -> None:
        """The page's head and paths are those of this very ledger."""
        Store(where := str(tmp_path / "ledger.db"), create=True).append(LEDGER.entries, NOTHING)
        printed = CliRunner().invoke(main, ["ledger", "head", where]).output
        assert f"```\n{printed}```" in PAGE
        assert prove("prove", where, 2)["path"] == [node.hex() for node in CHECKER["path_of_2"]]
        assert CHECKER["texts"] == [entry.text for entry in LEDGER.entries]

    def test_refusals(self, where: str) -> None:
        head = prove("head", where)
        assert "does not extend that head" in prove("prove", where, "--since", f"3:{head['root']}", status=1)["refusal"]
        for arguments, said in (
            ((), "give the number of an entry, or --since"),
            (("1", "--since", f"3:{head['root']}"), "give the number of an entry, or --since"),
            (("99",), "the ledger has 21 entries, and no entry 99"),
            (("--since", f"99:{head['root']}"), "the ledger has 21 entries, not 99"),
            (("--since", "99"), "a tree head is the number of entries, a colon and 64 hexadecimal digits"),
            (("1", "--entries", "99"), "the ledger has 21 entries, not 99"),
        ):
            assert said in prove("prove", where, *arguments, status=2)["refusal"]
