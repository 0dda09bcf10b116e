"""The commands of the ledger: post, close, and what is asked of the ledger itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import BinaryIO, Literal

import click

from grantcalc.audit.signed import read_head, signer_of
from grantcalc.cli.group import main
from grantcalc.cli.options import RunOptions, run_options
from grantcalc.cli.output import (
    AS_JSON,
    FILE,
    INPUT,
    LAYOUT,
    OUT,
    Days,
    Months,
    print_findings,
    say,
    several,
)
from grantcalc.cli.statuses import Status
from grantcalc.errors import Finding, Place, Rejected, refuse
from grantcalc.io.exchange.journal import from_lines, to_lines
from grantcalc.io.exchange.store import Store
from grantcalc.io.exchange.store_audit import audit_store
from grantcalc.io.inputs import read_award, read_inputs
from grantcalc.ledger.chain import NOTHING
from grantcalc.ledger.entries import Entry, Posting, Requested, Unpostable
from grantcalc.ledger.ledger import Ledger, describe
from grantcalc.ledger.merkle import tree_head
from grantcalc.ledger.rollup import Total, roll_up
from grantcalc.money import dollars, plain
from grantcalc.periods import Month
from grantcalc.signatures import Unsigned
from grantcalc.xlsx.package import save, together

LEDGER = click.argument("ledger", metavar="LEDGER")
ON = click.option("--on", type=Days(), help="The day posted; by default the ledger's latest. grantcalc reads no clock.")
DRY = click.option("--dry-run", is_flag=True, help="Print what the run would print, and write nothing.")


def changing(
    ledger: str,
    change: Callable[[Ledger], Ledger],
    run: RunOptions,
    *,
    create: bool = False,
    newest: date = date.min,
    write: Callable[[], None] = lambda: None,
) -> tuple[Entry, ...]:
    """Load, change, write documents and append, in this order, while nobody else appends. A dry run
    is the same, not appended.

    `write` writes the documents that belong to the entries. They are in place before the entries
    are appended, and are taken away again when that fails. Days never go back in a ledger, so one
    later than every document needs `run.yes`; `newest` is the day of a document that the entries do
    not name.
    """
    store = Store(ledger, create=create)

    def added(before: Ledger) -> tuple[Entry, ...]:
        entries = change(before).entries[len(before.entries) :]
        if not run.yes:
            _refuse_later(entries, max(newest, before.known))
        return entries

    if run.dry_run:
        entries = added(store.load())
        write()
        click.echo("dry run: nothing was written", err=True)
        return entries
    with together(), store.turn() as turn:
        turn.entries = added(turn.ledger)
        write()
    return turn.entries


def _refuse_later(added: Iterable[Entry], newest: date) -> None:
    """A mistyped year would keep every true day out of the ledger for good."""
    for e in added:
        inputs = e.act.inputs if isinstance(e.act, Posting | Requested) else ()
        newest = max(newest, *(i.report_date for i in inputs), date.min)
        if e.posted > newest:
            problem = f"{e.posted} is later than the newest document, of {newest}"
            raise Unpostable(f"{problem}; if this is intended, add --yes")


def say_entries(as_json: bool, entries: Iterable[Entry], sentences: Iterable[str]) -> None:
    """What was posted: the entries as the ledger has them, or sentences."""
    records = [json.loads(e.line) for e in entries]
    say(as_json, {"grantcalc": "posted", "entries": records}, "\n".join(sentences))


@main.command()
@LEDGER
@click.argument("month", type=Months())
@ON
@run_options
def close(ledger: str, month: Month, on: date | None, run: RunOptions) -> None:
    """Close a posting period.

    It takes nothing more, and nothing opens it again."""
    entries = changing(ledger, lambda b: b.close(month, on or b.known), run)
    say_entries(run.as_json, entries, (describe(e.act) for e in entries))


@main.group()
def ledger() -> None:
    """Other commands of a ledger: log, verify, export, hold."""


@ledger.command()
@LEDGER
@click.argument("award")
@click.argument("budget_period")
@ON
@run_options
def closeout(ledger: str, award: str, budget_period: str, on: date | None, run: RunOptions) -> None:
    """Close out a budget period.

    What changes in it later is refused by name, and shown."""
    entries = changing(ledger, lambda b: b.close_out(award, budget_period, on or b.known), run)
    say_entries(run.as_json, entries, (describe(e.act) for e in entries))


@ledger.command()
@LEDGER
@click.argument("subaward")
@click.option("--why", required=True, help="Why it is held.")
@click.option(
    "--award", type=INPUT, metavar="AWARD.xlsx", help="The award workbook, where nothing is posted there yet."
)
@ON
@run_options
def hold(ledger: str, subaward: str, why: str, award: Path | None, on: date | None, run: RunOptions) -> None:
    """Hold a subaward.

    What was not requested yet is computed and shown, and not requested."""
    network = read_award(award) if award else None
    entries = changing(
        ledger,
        lambda b: b.hold(subaward, why, on or b.known, network),
        run,
        newest=network.report_date if network else date.min,
    )
    say_entries(run.as_json, entries, (describe(e.act) for e in entries))


@ledger.command()
@LEDGER
@click.argument("subaward")
@ON
@run_options
def release(ledger: str, subaward: str, on: date | None, run: RunOptions) -> None:
    """Lift a hold."""
    entries = changing(ledger, lambda b: b.release(subaward, on or b.known), run)
    say_entries(run.as_json, entries, (describe(e.act) for e in entries))


@ledger.command()
@LEDGER
@AS_JSON
def log(ledger: str, as_json: bool) -> None:
    """List every entry in order, and the head."""
    stored = Store(ledger).load()
    if as_json:
        click.echo(to_lines(stored), nl=False)
        return
    for e in stored.entries:
        click.echo(f"{e.no:>6}  {e.posted}  {describe(e.act)}")
    click.echo(f"{several(len(stored.entries), 'entry')}, head {stored.head}")


@ledger.command(name="verify")
@LEDGER
@click.option("--head", default="", help="A head that was published: the ledger must hold it.")
@click.option("--published", type=FILE, metavar="HEAD.txt", help="What `ledger head` printed: the ledger must hold it.")
@click.option("--signers", type=FILE, help="Allowed signers, as for ssh-keygen: one must have signed HEAD.txt.")
@AS_JSON
def verify_ledger(ledger: str, head: str, published: Path | None, signers: Path | None, as_json: bool) -> None:
    """Check that no entry was edited, removed or moved. Exit status 1, with each such entry, if one
    was."""
    if signers and not published:
        raise click.UsageError("--signers checks who signed a --published head")
    try:
        result = audit_store(Store(ledger), head)
        refuse(result.findings, Rejected)
        if published:
            _check_published(Store(ledger), published, signers)
    except Rejected as broken:
        print_findings(broken.findings, as_json)
        raise SystemExit(Status.UNTRUE) from None
    facts = {"grantcalc": "verified", "entries": result.entries, "head": result.head}
    say(as_json, facts, f"{result.entries:,} entries follow from one another; head {result.head}")


def _check_published(store: Store, published: Path, signers: Path | None) -> None:
    """Refuse a ledger that does not hold a head that was published, or a head that no allowed
    signer signed."""
    then, last = read_head(published)
    leaves = store.heads()[: then.entries]
    if tree_head(leaves) != then or (leaves[-1].hex() if leaves else NOTHING) != last:
        problem = "this ledger is not the one whose head was published, or was changed since"
        raise Rejected([Finding(place=Place(store.name, f"entry {then.entries}"), cause="head", problem=problem)])
    if signers:
        try:
            click.echo(f"note: the head was signed by {signer_of(published, signers)}", err=True)
        except Unsigned as wrong:
            raise Rejected([Finding(place=Place(published.name), cause="signature", problem=wrong.reason)]) from None


@ledger.command()
@LEDGER
@click.argument("file", type=OUT)
@AS_JSON
def export(ledger: str, file: Path, as_json: bool) -> None:
    """Write the ledger as JSON Lines: an entry on each line, in order."""
    stored = Store(ledger).load()
    if file.exists() and Path(ledger).exists() and file.samefile(ledger):
        raise click.UsageError("FILE is the ledger itself; it was left as it is")
    data = to_lines(stored).encode()

    def write(target: BinaryIO) -> str:
        target.write(data)
        return stored.head

    head = save(file, write, private=True)
    say(as_json, {"written": str(file), "entries": len(stored.entries), "head": head}, f"{file}: head {head}")


@ledger.command(name="import")
@LEDGER
@click.argument("file", type=FILE)
@DRY
@AS_JSON
def import_ledger(ledger: str, file: Path, dry_run: bool, as_json: bool) -> None:
    """Import entries from JSON Lines.

    Entries that are here already are left as they are."""
    imported = from_lines(file.read_bytes(), file.name)

    def taken(before: Ledger) -> Ledger:
        here = len(before.entries)
        if imported.entries[:here] == before.entries:
            return imported
        if before.entries[: len(imported.entries)] == imported.entries:
            return before
        problem = "this is a different ledger: its entries do not match those here"
        raise Rejected([Place(file.name).finding("other", problem)])

    entries = changing(ledger, taken, RunOptions(True, dry_run, as_json), create=True)
    say_entries(as_json, entries, [f"{len(entries):,} entries imported; head {imported.head}"])


@ledger.command(name="roll-up")
@LEDGER
@click.argument("award", type=INPUT, metavar="AWARD.xlsx")
@click.option("--by", type=click.Choice(["agency", "region"]), default="agency")
@click.option("--known", type=Days(), help="As it stood on this day.")
@LAYOUT
@AS_JSON
def roll_up_command(
    ledger: str,
    award: Path,
    by: Literal["agency", "region"],
    known: date | None,
    layouts: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Sum what is allowed, from subawards up.

    Each parent is exactly the sum of its children."""
    totals = roll_up(Store(ledger).load(), read_inputs([(award, "award")], layouts)[0], known, by)
    say(as_json, _as_json(totals), "\n".join(_tree(totals, 0)))


def _as_json(node: Total) -> dict[str, object]:
    figures = {key: str(dollars(getattr(node, key))) for key in ("earned", "held_back", "on_hold", "allowed")}
    below = {"children": [_as_json(c) for c in node.children]} if node.children else {}
    return {"level": node.level, "id": node.id, "name": node.name, **figures, **below}


def _tree(node: Total, depth: int) -> Iterable[str]:
    title = f"{'  ' * depth}{node.level} {node.id} {node.name}".rstrip()
    hold = f", on hold {plain(node.on_hold)}" if node.on_hold else ""
    yield f"{title}: {plain(node.allowed)} (earned {plain(node.earned)}, held back {plain(-node.held_back)}{hold})"
    for child in node.children:
        yield from _tree(child, depth + 1)
