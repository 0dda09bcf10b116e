"""Documents as JSON, for applications that stand beside the workbooks.

A document says what it is and in which version of the format, and its keys stand in a declared
order, so the same value gives the same text. Money, rates and dates are text, exactly; no number
has a fraction. The format is published as a JSON Schema for each kind
(`grantcalc.io.exchange.schema.schema`) and described in docs/json.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeAlias

from grantcalc.awards import BooksFigure
from grantcalc.billing import format_1
from grantcalc.billing.claims import Claim, OpeningSum
from grantcalc.billing.parties import Party, awards_of
from grantcalc.billing.records import Json, cents_of_text, dollars_text, nonempty, structure_all, unstructure
from grantcalc.compliance.results import CheckResult, ComplianceReport
from grantcalc.errors import Finding, Place, Rejected
from grantcalc.io.exchange.contradictions import refuse_wrong, sums_of
from grantcalc.io.exchange.records import DocumentTables, is_detailed, lines_and_reductions
from grantcalc.io.exchange.schema import DOCUMENT_KINDS, FORMATS, DocumentKind, echo, under, wrong
from grantcalc.ledger.chain import opening_records, read_entry, read_openings
from grantcalc.ledger.entries import Entry
from grantcalc.ledger.requests import Request
from grantcalc.periods import Month, parse_date
from grantcalc.provenance import Input
from grantcalc.terms import TermUsed
from grantcalc.terms.vocabulary import one_of

Document: TypeAlias = Claim | Request | tuple[Finding, ...] | Entry | ComplianceReport


def to_json(document: Document) -> str:
    """A claim, a request, findings, an entry of a ledger or the tests of an award as JSON: the same
    text for the same value.

    A claim that names participants, days of service, documents or rows says `"detail": true`; any
    other holds no row number, not even of a rate. Refused with `Rejected`, at JSON paths: what the
    format cannot hold, such as a request with participants, a reduction of a line that is not
    there, or 10 to the 15th dollars. TypeError for any other value.
    """
    if isinstance(document, Claim):
        record = _claim(document)
    elif isinstance(document, Request):
        record = _request(document)
    elif isinstance(document, Entry):
        record = _parse(document.line, "")
    elif _are_findings(document):
        record = {**_envelope("findings"), "findings": unstructure(document)}
    elif isinstance(document, ComplianceReport):
        record = _order(document)
    else:
        other = type(document).__name__
        raise TypeError(f"a document is a claim, a request, a tuple of findings, an entry or an order, not {other}")
    refuse_wrong(record, record["grantcalc"], "")
    return f"{document.line}\n" if isinstance(document, Entry) else _layout(record)


def from_json(text: str, file: str = "") -> Document:
    """The claim, request, findings, entry or order that `to_json` wrote, or another program wrote
    by the schema.

    Refused with `Rejected`, every finding at once, with `file` and a JSON path as place: what
    breaks the schema; else an id or index that leads nowhere, an amount that does not follow from
    its rate, a total that is not the sum.
    """
    document = _parse(text, file)
    kind = _kind(document, file)
    refuse_wrong(document, kind, file)
    if (
        document["format"] < FORMATS[kind] and kind != "entry"
    ):  # an entry keeps its text, and is made newer by its reader
        document = format_1.document(document)
    return _READERS[kind](document)


# --- out ---


def _claim(claim: Claim) -> Json:
    tables = DocumentTables(is_detailed(claim.lines) or any(note.place.cell for note in claim.notes))
    return _with_totals(
        {
            **_envelope("claim"),
            "detail": tables.detail,
            "label": claim.label,
            "through": str(claim.through),
            "known": claim.known.isoformat(),
            "issuers": list(claim.issuers),
            **nonempty(awards=[] if claim.awards == awards_of(claim.parties) else list(claim.awards)),
            "parties": unstructure(claim.parties),
            "terms": unstructure(claim.terms),
            "inputs": unstructure(claim.inputs),
            "notes": unstructure(claim.notes),
            **nonempty(openings=opening_records(claim.openings), named=dict(claim.named)),
            **tables.of(claim.lines, claim.reductions),
        }
    )


def _request(request: Request) -> Json:
    tables = DocumentTables(is_detailed(request.lines))
    return _with_totals(
        {
            **_envelope("request"),
            "detail": tables.detail,
            "label": request.label,
            "award": request.award,
            "recipient": request.recipient,
            "budget_period": request.budget_period,
            "awarded": request.awarded.isoformat(),
            "known": request.known.isoformat(),
            "through": str(request.through),
            "authorized": dollars_text(request.authorized),
            "requested_before": dollars_text(request.requested_before),
            "on_hold": dollars_text(request.on_hold),
            **nonempty(
                closed_out=request.closed_out,
                received="" if request.received is None else dollars_text(request.received),
                refused=request.refused and dollars_text(request.refused),
                kind=request.kind if request.kind != "reimbursement" else "",
                authorized_in_all="" if request.authorized_in_all is None else dollars_text(request.authorized_in_all),
                boxes=dict(request.boxes),
            ),
            "parties": unstructure(request.parties),
            "terms": unstructure(request.terms),
            "books": unstructure(request.books),
            "inputs": unstructure(request.inputs),
            "notes": unstructure(request.notes),
            **tables.of(request.lines, request.reductions),
        }
    )


def _order(order: ComplianceReport) -> Json:
    counts = {str(result): n for result, n in order.count().items()}
    head = {**_envelope("order"), "label": order.label, "known": order.known.isoformat()}
    return {**head, "outcomes": unstructure(order.outcomes), "counts": counts}


def _are_findings(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(f, Finding) for f in value)


def _envelope(kind: DocumentKind) -> Json:
    return {"grantcalc": kind, "format": FORMATS[kind]}


def _with_totals(document: Json) -> Json:
    return {**document, "totals": {name: dollars_text(amount) for name, amount in sums_of(document).items()}}


def _layout(document: Json) -> str:
    """One line for each key of the document, and for each row of a list or table: easy to
    compare."""
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
    parts = []
    for key, value in document.items():
        rows: list[str] = []
        if key != "totals" and isinstance(value, dict):
            rows = [f"{encode(id)}: {encode(row)}" for id, row in value.items()]
        elif isinstance(value, list):
            rows = [encode(row) for row in value]
        brackets = "[]" if isinstance(value, list) else "{}"
        text = f"{brackets[0]}\n  " + ",\n  ".join(rows) + f"\n {brackets[1]}" if rows else encode(value)
        parts.append(f" {encode(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


# --- in ---


def _parse(text: str, file: str) -> Any:
    """The values of a JSON text, each key once; `Rejected` for anything else."""
    if not isinstance(text, str):
        raise TypeError(f"JSON must be text, not {type(text).__name__}")
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as refusal:
        where = f"something else in line {refusal.lineno}, column {refusal.colno}"
        raise _rejected(file, "json", "this is not JSON", "JSON text", where) from None
    except _Twice:
        raise _rejected(file, "json", "a key appears twice in one object", "each key once") from None
    except (ValueError, RecursionError):  # NaN, thousands of digits, thousands of brackets
        raise _rejected(file, "json", "a number or a depth that no document has", "plain JSON text") from None


class _Twice(ValueError):
    """A key that stands twice in one object: readers differ on which of them holds."""


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Twice
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _rejected(file: str, cause: str, problem: str, expected: str, found: str = "") -> Rejected:
    return Rejected([Place(file, "$").finding(cause, problem, expected, found)])


def _kind(value: Any, file: str) -> DocumentKind:
    """What a document says it is; refused when that, or the version of its format, is not known
    here."""
    if not isinstance(value, dict):
        raise _rejected(file, "type", "this is not a document", "an object", echo(value))
    kind, version = value.get("grantcalc"), value.get("format")
    findings = []
    if not (isinstance(kind, str) and kind in DOCUMENT_KINDS):
        findings.append(
            wrong(".grantcalc", "kind", "this is not a kind of document", one_of(DOCUMENT_KINDS), echo(kind))
        )
    latest = FORMATS[kind] if isinstance(kind, str) and kind in FORMATS else max(FORMATS.values())
    if type(version) is not int or not 1 <= version <= latest:
        problem = "this version of the format is not supported"
        findings.append(wrong(".format", "format", problem, f"1 to {latest}", echo(version)))
    if findings:
        raise Rejected(under("$", findings, file))
    return next(k for k in DOCUMENT_KINDS if k == kind)


def _read_claim(document: Json) -> Claim:
    lines, reductions = lines_and_reductions(document)
    return Claim(
        through=Month.parse(document["through"]),
        known=parse_date(document["known"]),
        lines=lines,
        reductions=reductions,
        parties=structure_all(document["parties"], Party),
        issuers=tuple(document["issuers"]),
        awards=tuple(document.get("awards") or awards_of(structure_all(document["parties"], Party))),
        terms=structure_all(document["terms"], TermUsed),
        inputs=structure_all(document["inputs"], Input),
        notes=structure_all(document["notes"], Finding),
        label=document["label"],
        openings=structure_all(read_openings(document.get("openings", [])), OpeningSum),
        named=tuple(document.get("named", {}).items()),
    )


def _read_request(document: Json) -> Request:
    lines, reductions = lines_and_reductions(document)
    return Request(
        award=document["award"],
        recipient=document["recipient"],
        budget_period=document["budget_period"],
        known=parse_date(document["known"]),
        through=Month.parse(document["through"]),
        lines=lines,
        reductions=reductions,
        parties=structure_all(document["parties"], Party),
        authorized=cents_of_text(document["authorized"]),
        requested_before=cents_of_text(document["requested_before"]),
        terms=structure_all(document["terms"], TermUsed),
        inputs=structure_all(document["inputs"], Input),
        notes=structure_all(document["notes"], Finding),
        label=document["label"],
        awarded=parse_date(document["awarded"]),
        on_hold=cents_of_text(document["on_hold"]),
        books=structure_all(document["books"], BooksFigure),
        closed_out=document.get("closed_out", False),
        received=cents_of_text(document["received"]) if "received" in document else None,
        refused=cents_of_text(document.get("refused", "0.00")),
        kind=document.get("kind", "reimbursement"),
        authorized_in_all=cents_of_text(document["authorized_in_all"]) if "authorized_in_all" in document else None,
        boxes=tuple(document.get("boxes", {}).items()),
    )


def _read_findings(document: Json) -> tuple[Finding, ...]:
    return structure_all(document["findings"], Finding)


def _read_order(document: Json) -> ComplianceReport:
    return ComplianceReport(
        parse_date(document["known"]), structure_all(document["outcomes"], CheckResult), document["label"]
    )


_READERS: Mapping[DocumentKind, Callable[[Json], Document]] = {
    "claim": _read_claim,
    "request": _read_request,
    "findings": _read_findings,
    "entry": read_entry,
    "order": _read_order,
}
