"""The auditor's sample: drawn from a claim or request, filled in by hand, and projected."""

from __future__ import annotations

from pathlib import Path

import click

from grantcalc.audit.sample_book import draw_sample, project_sample, write_sample
from grantcalc.audit.sampling import SAMPLE_METHODS, SampleMethod
from grantcalc.cli.group import main
from grantcalc.cli.output import AS_JSON, FILE, FOLDER, OUT, name_of, not_an_input, outgoing, say, several
from grantcalc.money import dollars, plain


@main.command(name="sample")
@click.argument("document", type=FILE, metavar="CLAIM.xlsx")
@click.option("--items", type=click.IntRange(min=1), required=True, help="How many items to draw.")
@click.option("--seed", type=int, required=True, help="The same seed draws the same lines.")
@click.option("--by", "method", type=click.Choice(SAMPLE_METHODS), default="monetary unit", help="How lines are drawn.")
@click.option("--inputs", type=FOLDER, help="A folder that holds the inputs: name the source rows too.")
@click.option("--out", required=True, type=OUT, help="The workbook to fill in.")
@AS_JSON
def sample_command(
    document: Path, items: int, seed: int, method: SampleMethod, inputs: Path | None, out: Path, as_json: bool
) -> None:
    """Draw a sample of lines for an auditor.

    By monetary unit (the default) a line is drawn in proportion to its amount, by attribute each
    line with the same chance. The workbook has each line with its reason, and cells for the support
    seen; project reads it back."""
    target = outgoing(out, as_json)
    not_an_input(target, (document,))
    drawn = draw_sample(document, items, seed, method, inputs)
    digest = write_sample(drawn, target)
    facts = {
        "written": str(out),
        "parts": digest,
        "method": drawn.method,
        "population": {"lines": drawn.lines, "amount": str(dollars(drawn.amount))},
        "outside": {"lines": drawn.outside[0], "amount": str(dollars(drawn.outside[1]))},
        "drawn": [{"line": d.number, "cell": d.place, "amount": str(dollars(d.line.amount))} for d in drawn.drawn],
    }
    text = f"{name_of(out)}: {several(len(drawn.drawn), 'line')} of {drawn.lines:,}, drawn by {drawn.method}"
    say(as_json, facts, f"{text}, from {plain(drawn.amount)}")


@main.command(name="project")
@click.argument("document", type=FILE, metavar="CLAIM.xlsx")
@click.argument("filled", type=FILE, metavar="SAMPLE.xlsx")
@AS_JSON
def project_command(document: Path, filled: Path, as_json: bool) -> None:
    """Project what was found in a sample.

    SAMPLE.xlsx is the workbook that `sample` wrote, filled in. The sample is drawn again from the
    claim or request, and must be the same. The method is printed with the figures, and what they do
    not claim."""
    found = project_sample(document, filled)
    figures = {name: str(dollars(getattr(found, name))) for name in ("known", "over", "under", "net")}
    facts = {"method": found.sample.method, "deviations": found.deviations, **figures}
    say(as_json, {**facts, "says": [*found.sentences()]}, "\n".join(found.sentences()))
