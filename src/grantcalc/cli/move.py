"""A participant who moves to a caseload kept apart: the rows that both sides enter."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from grantcalc.billing.moves import ParticipantMove, move
from grantcalc.cli.group import main
from grantcalc.cli.output import AS_JSON, INPUT, LAYOUT, OUT, Days, name_of, not_an_input, outgoing
from grantcalc.eligibility import Participant
from grantcalc.io.inputs import read_workbooks
from grantcalc.io.issued.movebook import write_move
from grantcalc.money import dollars


@main.command(name="move")
@click.argument("award", type=INPUT, metavar="AWARD.xlsx")
@click.argument("caseload", type=INPUT, metavar="CASELOAD.xlsx")
@click.option("--participant", required=True, help="The participant's code in this caseload.")
@click.option("--first-day", required=True, type=Days(), help="First day enrolled at the receiving side.")
@click.option("--out", required=True, type=OUT, help="The workbook for the receiving side. No code is in it.")
@LAYOUT
@AS_JSON
def move_command(
    award: Path,
    caseload: Path,
    participant: str,
    first_day: date,
    out: Path,
    layouts: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Pass on what a participant has used who moves.

    Months, dollars and days go to the receiving side without a code, which enters them under its
    own. It is said where the month of the move is paid."""
    target = outgoing(out, as_json)
    not_an_input(target, (award, caseload, *layouts))
    network, (load, *_) = read_workbooks((award, caseload), layouts)
    moved = move(load, network, Participant(load.issuer, participant), first_day)
    write_move(moved, target)
    if as_json:
        click.echo(json.dumps(_as_json(moved), indent=2))
        return
    for sentence in moved.sentences:
        click.echo(sentence)
    here = moved.here
    click.echo(f"For your own Elsewhere sheet: the participant, {here.award}, from {here.days.start}.")
    click.echo(f"{name_of(out)}: for the receiving side, without a code")


def _as_json(moved: ParticipantMove) -> dict[str, object]:
    return {
        "grantcalc": "move",
        "sentences": [*moved.sentences],
        "openings": [
            {"award": o.award, "window": o.window, "pool": o.pool, "amount": str(dollars(o.amount)), "phase": o.phase,
             "months": o.months, "from": o.given_by}
            for o in moved.openings
        ],
        "elsewhere": [
            {"award": e.award, "start": str(e.days.start), "end": str(e.days.end or ""), "kept_by": e.given_by}
            for e in moved.elsewhere
        ],
    }  # fmt: skip
