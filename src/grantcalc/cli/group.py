"""The group of all commands: what its help says, and with which words and status a command ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import click

from grantcalc.cli.output import print_findings, several
from grantcalc.cli.statuses import Status
from grantcalc.cli.streams import Unprinted
from grantcalc.effects import effects, told
from grantcalc.errors import GrantcalcError, Rejected, by_cause
from grantcalc.progress import show_progress
from grantcalc.xlsx.reader import collect_warnings

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "Billing": ("demo", "template", "bill", "request", "next", "what-if", "forecast"),
    "Close": ("statement", "roster", "journal", "packet", "pdf"),
    "Ledger": ("post", "close", "ledger"),
    "Award": ("check-award", "grantee-report", "performance"),
    "People and places": ("letters", "move", "coalitions", "directory", "refer", "calls"),
    "Audit": ("check", "verify", "explain", "sample", "project", "regenerate", "check-export"),
    "Data": ("programs", "layout"),
}


class Commands(click.Group):
    """Commands under headings. Whatever ends one, its words say what was written, and the status is
    one of `Status`."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands under their headings, each on its line."""
        longest = max(map(len, self.commands))
        for heading, names in HEADINGS.items():
            with formatter.section(heading):
                limit = formatter.width - formatter.current_indent - longest - 2
                commands = [(name, self.commands[name].get_short_help_str(limit)) for name in names]
                formatter.write_dl([(name.ljust(longest), said) for name, said in commands])

    def main(self, args: Any = None, *rest: Any, **options: Any) -> Any:
        """Run the command that the arguments name, and exit with its status.

        What a reader should know of the workbooks that were read is told on the error output,
        whatever comes of them.
        """
        arguments = sys.argv[1:] if args is None else [*args]
        with effects() as done:
            try:
                status = self._run(arguments, done, *rest, **{**options, "standalone_mode": False})
            except Unprinted as lost:
                status = unprinted(lost, done)
        sys.exit(status)

    def _run(self, arguments: list[str], done: Mapping[str, str], *rest: Any, **options: Any) -> Status:
        as_json = "--json" in arguments
        try:
            with collect_warnings() as noted:
                try:
                    super().main(arguments, *rest, **options)
                finally:
                    print_findings(noted, as_json=False, err=True, named=True)
        except click.ClickException as wrong:
            _refuse_as_json(as_json, wrong.format_message())
            wrong.show()
        except Rejected as refused:
            print_findings(refused.findings, as_json)
            count = sum(len(cause.findings) for cause in by_cause(refused.findings))
            click.echo(f"{several(count, 'finding')}; {told(done)}.", err=True)
        except GrantcalcError as refused:
            _refuse_as_json(as_json, str(refused))
            click.echo(f"{refused}; {told(done)}.", err=True)
        except OSError as failed:  # a full disk, a folder that may only be read
            reason = failed.strerror or "the system failed"
            _refuse_as_json(as_json, reason)
            click.echo(f"{reason}; {told(done)}.", err=True)
        except (click.Abort, KeyboardInterrupt) as stopped:
            if isinstance(stopped.__cause__, EOFError):  # click takes a file that ends too early for an interrupt
                raise stopped.__cause__ from None
            click.echo(f"interrupted; {told(done)}.", err=True)
            return Status.INTERRUPTED
        else:
            return Status.DONE
        return Status.REFUSED


def _refuse_as_json(as_json: bool, refusal: str) -> None:
    if as_json:
        click.echo(json.dumps({"grantcalc": "refusal", "refusal": refusal}))


def unprinted(lost: Unprinted, done: Mapping[str, str]) -> Status:
    """Say on the error output what was done although its words are lost, and give the status. A
    closed pipe after which nothing was done needs no word: whoever closed it had read enough."""
    if done:
        last_words(f"{told(done)}; not all output could be printed: {lost}.")
    elif not lost.closed_pipe:
        last_words(f"standard output cannot be written: {lost}; {told(done)}.")
    return Status.CLOSED_PIPE if lost.closed_pipe else Status.UNPRINTED


def last_words(sentence: str) -> None:
    """Print on the error output where that is still possible."""
    try:
        click.echo(sentence, err=True)
    except Unprinted:
        return


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="grantcalc")
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback when grantcalc itself fails.")
def main() -> None:
    """Per-capita reimbursements of U.S. grant programs, with the reason for every cent."""
    click.get_current_context().with_resource(show_progress())
