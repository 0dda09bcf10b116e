"""Options that several commands share, handed to each command as one value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, TypeAlias

import click
from attrs import evolve, fields, frozen

from grantcalc.cli.output import AS_JSON, Days

Command: TypeAlias = Callable[..., None]


@frozen
class BillingOptions:
    """How caseloads are billed: as known on which day, beside which earlier caseloads, and read by
    which layouts."""

    known: date | None
    previous: tuple[Path, ...]
    layouts: tuple[Path, ...]


@frozen
class RunOptions:
    """How a ledger is changed: whether a day later than every document is meant, whether the run
    only shows what it would do, and whether it prints JSON."""

    yes: bool
    dry_run: bool
    as_json: bool


@frozen
class Publishing:
    """Whether a report is for publication, and the days as known on which it was published
    before."""

    publish: bool
    published: tuple[date, ...]


@frozen
class ClaimFiles:
    """The files of a claim: the workbook and its lines, which are written, and the last claim,
    which is read."""

    out: Path
    lines: Path | None
    since: Path | None


@frozen
class PacketOptions:
    """What a close packet has besides its documents: journal entries by a chart, since when; the
    fiscal year; PDF."""

    chart: Path | None
    since: date | None
    year_start: date | None
    pdf: bool
    layouts: tuple[Path, ...]


@frozen
class RequestFiles:
    """The files that a request is written to: the workbook, the page of its forms, and its
    lines."""

    out: Path
    page: Path | None
    lines: Path | None


@frozen
class DirectoryQuery:
    """What is looked for in a directory: where, which service, in which language, and how many
    entries at most."""

    place: str
    need: str
    language: str
    most: int


def gathered(**kinds: type[Any]) -> Callable[[Command], Command]:
    """Hand a command the options named by the attributes of each kind as one value of that kind,
    under its keyword."""

    def decorate(command: Command) -> Command:
        @wraps(command)
        def call(**options: Any) -> None:
            values = {name: kind(**{f.name: options.pop(f.name) for f in fields(kind)}) for name, kind in kinds.items()}
            command(**options, **values)

        return call

    return decorate


def run_options(command: Command) -> Command:
    """The options of a command that changes a ledger, which it takes as `run`."""
    confirm = click.option("--yes", is_flag=True, help="Accept a day that is later than the newest document.")
    dry = click.option("--dry-run", is_flag=True, help="Print what the run would print, and write nothing.")
    return confirm(dry(AS_JSON(gathered(run=RunOptions)(command))))


def publishing_options(command: Command) -> Command:
    """The options of a report that may be published, which it takes as `publishing`."""
    publish = click.option(
        "--publish", is_flag=True, help="Withhold small counts, and those from which they could be computed."
    )
    published = click.option(
        "--published",
        multiple=True,
        type=Days(),
        help="With --publish: a day as known on which it was published before. Several are allowed.",
    )

    @wraps(command)
    def call(publishing: Publishing, **options: Any) -> None:
        if publishing.published and not publishing.publish:
            raise click.UsageError("--published is for reports with --publish")
        command(publishing=evolve(publishing, published=tuple(sorted(publishing.published))), **options)

    return publish(published(gathered(publishing=Publishing)(call)))
