"""A calendar file (.ics) of whole days, as RFC 5545 has it, the same bytes each time: nothing in it
is of the clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO

from attrs import frozen

from grantcalc.xlsx.package import save

_CONTROL = re.compile("[\x00-\x1f\x7f]")


@frozen(order=True)
class CalendarEvent:
    """A day on which something is due. `uid` is of what is due and not of the day, so that a
    calendar moves an event whose day has changed."""

    uid: str
    day: date
    summary: str
    description: str = ""


def calendar_bytes(events: Iterable[CalendarEvent], stamp: date) -> bytes:
    """The events as a calendar, in the order of their days; `stamp` is the day as of which they are
    known."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//grantcalc//due dates//EN", "CALSCALE:GREGORIAN"]
    for event in sorted(events, key=lambda e: (e.day, e.uid)):
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_text(event.uid)}",
            f"DTSTAMP:{stamp:%Y%m%d}T000000Z",
            f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(event.summary)}",
            *([f"DESCRIPTION:{_text(event.description)}"] if event.description else []),
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def write_calendar(events: Iterable[CalendarEvent], stamp: date, path: Path) -> None:
    """Write the events as a calendar file, whole or not at all."""
    data = calendar_bytes(events, stamp)

    def fill(file: BinaryIO) -> str:
        file.write(data)
        return ""

    save(path, fill)


def _text(text: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11)."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return _CONTROL.sub(" ", escaped.replace("\r\n", "\n").replace("\n", "\\n"))


def _folded(line: str) -> Iterator[bytes]:
    """A content line in parts of 75 octets at most, cut between characters; each further part
    begins with a space (RFC 5545, 3.1)."""
    part = b""
    for character in line:
        octets = character.encode()
        if len(part) + len(octets) > 75:
            yield part
            part = b" "
        part += octets
    yield part
