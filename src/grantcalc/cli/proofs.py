"""What of a ledger can be published and proven without it: its head, and paths of its Merkle
tree."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from grantcalc.cli.ledger import LEDGER
from grantcalc.cli.ledger import ledger as group
from grantcalc.cli.output import AS_JSON, say
from grantcalc.cli.statuses import Status
from grantcalc.io.exchange.store import Store
from grantcalc.ledger.chain import NOTHING
from grantcalc.ledger.merkle import TreeHead, consistency, inclusion, tree_head

SIZE = click.IntRange(min=0)


class TreeHeads(click.ParamType[TreeHead]):
    """A tree head like 392:9f86d081….

    The number of entries, a colon and the root."""

    name = "head"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> TreeHead:
        match = re.fullmatch(r"([0-9]{1,9}):([0-9a-f]{64})", str(value))
        if not match:
            self.fail("a tree head is the number of entries, a colon and 64 hexadecimal digits", param, ctx)
        return TreeHead(int(match[1]), match[2])


def _leaves(ledger: str, size: int | None) -> list[bytes]:
    """The leaves of a ledger, or its first ones."""
    heads = Store(ledger).heads()
    if size is not None and size > len(heads):
        raise click.UsageError(f"the ledger has {len(heads):,} entries, not {size:,}")
    return heads if size is None else heads[:size]


@group.command()
@LEDGER
@click.option("--entries", type=SIZE, help="As the ledger stood after so many entries.")
@AS_JSON
def head(ledger: str, entries: int | None, as_json: bool) -> None:
    """Print the head of a ledger, to publish or to sign.

    It is the number of entries, the head of the chain and the root of the Merkle tree."""
    leaves = _leaves(ledger, entries)
    chain, tree = leaves[-1].hex() if leaves else NOTHING, tree_head(leaves)
    facts = {"grantcalc": "ledger-head", "entries": tree.entries, "chain": chain, "root": tree.root}
    say(as_json, facts, f"grantcalc ledger head\nentries {tree.entries}\nchain {chain}\nroot {tree.root}")


@group.command()
@LEDGER
@click.argument("entry", type=click.IntRange(min=1), required=False)
@click.option("--since", type=TreeHeads(), metavar="HEAD", help="An earlier tree head, as ENTRIES:ROOT.")
@click.option("--entries", type=SIZE, help="Prove it in the ledger as it stood after so many entries.")
@AS_JSON
def prove(ledger: str, entry: int | None, since: TreeHead | None, entries: int | None, as_json: bool) -> None:
    """Prove that an entry is in a tree head.

    Or with --since, that a tree head extends an earlier one.

    The proof is checked without the ledger (docs/proofs.md)."""
    if (entry is None) == (since is None):
        raise click.UsageError("give the number of an entry, or --since with an earlier tree head")
    leaves = _leaves(ledger, entries)
    if since:
        _prove_extension(leaves, since, as_json)
    elif entry:
        _prove_entry(leaves, entry, as_json)


def _prove_entry(leaves: Sequence[bytes], no: int, as_json: bool) -> None:
    if no > len(leaves):
        raise click.UsageError(f"the ledger has {len(leaves):,} entries, and no entry {no:,}")
    before = leaves[no - 2].hex() if no > 1 else NOTHING
    facts = {"grantcalc": "inclusion", "entry": no, "before": before, "leaf": leaves[no - 1].hex()}
    _say_path(facts, leaves, inclusion(leaves, no), as_json)


def _prove_extension(leaves: Sequence[bytes], since: TreeHead, as_json: bool) -> None:
    if since.entries > len(leaves):
        raise click.UsageError(f"the ledger has {len(leaves):,} entries, not {since.entries:,}")
    if tree_head(leaves[: since.entries]) != since:
        problem = f"the first {since.entries:,} entries have another root: this ledger does not extend that head"
        say(as_json, {"grantcalc": "refusal", "refusal": problem}, problem)
        raise SystemExit(Status.UNTRUE)
    path = consistency(leaves, since.entries) if since.entries else ()
    _say_path({"grantcalc": "consistency", "since": str(since)}, leaves, path, as_json)


def _say_path(facts: dict[str, object], leaves: Sequence[bytes], path: Sequence[bytes], as_json: bool) -> None:
    """A proof as facts, or as lines of a word and a value each."""
    tree = tree_head(leaves)
    nodes = [node.hex() for node in path]
    facts |= {"entries": tree.entries, "root": tree.root, "path": nodes}
    single = (f"{key} {value}" for key, value in facts.items() if key not in ("grantcalc", "path"))
    say(as_json, facts, "\n".join([f"grantcalc {facts['grantcalc']}", *single, *(f"path {node}" for node in nodes)]))
