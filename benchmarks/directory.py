"""A search of 50,000 entries, and that it gives the same answer on every run: see README.md."""

from __future__ import annotations

import hashlib
import random
import sys
from datetime import date, timedelta
from statistics import median
from time import process_time

from grantcalc.outreach.directory import SERVICES, Directory, DirectoryEntry, Hours
from grantcalc.outreach.search import search
from grantcalc.regions import JURISDICTIONS

ENTRIES, MILLISECONDS = 50_000, 50.0
SAME = "22295190e102"
"""The beginning of the SHA-256 of all answers: the same on every run and machine."""

DAY = date(2012, 6, 15)
KINDS, OF = ("House", "Place", "Center", "Clinic"), ("Hope", "Law", "Home")
LANGUAGES = ("English", "Spanish", "French", "Mandarin", "Tagalog", "Vietnamese", "Arabic", "Amharic")
SEARCHES: tuple[tuple[str, dict[str, str]], ...] = (
    ("", {"place": "City 7, TX", "need": "shelter", "language": "Spanish"}),
    ("", {"place": "Texas", "need": "legal"}),
    ("", {"place": "Region 4", "language": "French"}),
    ("shelter", {}),
    ("place of house", {"place": "Ohio"}),
    ("", {"need": "medical"}),
    ("", {}),
    ("zzz AND NOT (", {"place": "Guam"}),
)


def directory() -> Directory:
    """Made by seeded chance: ten cities in each State, one to four services, one to three
    languages."""
    chance = random.Random(50_000)
    hours = (Hours(), Hours.parse("24/7"), Hours.parse("Mon-Fri 09:00-17:00"))
    entries = (
        DirectoryEntry(
            id=f"E-{number}",
            name=f"{chance.choice(KINDS)} of {chance.choice(OF)} {number}",
            kind="organization",
            city=f"City {chance.randint(1, 10)}",
            state=chance.choice(JURISDICTIONS),
            services=tuple(chance.sample(SERVICES, chance.randint(1, 4))),
            verified=DAY - timedelta(days=chance.randint(-30, 900)),
            languages=tuple(chance.sample(LANGUAGES, chance.randint(1, 3))),
            hours=chance.choice(hours),
        )
        for number in range(ENTRIES)
    )
    return Directory(DAY, tuple(entries))


def main() -> int:
    made = directory()
    start = process_time()
    search(made, "x")
    print(f"index of {ENTRIES:,} entries: {process_time() - start:.1f} s, once")
    worst, seen = 0.0, hashlib.sha256()
    for words, wishes in SEARCHES:
        took = []
        for _ in range(7):
            start = process_time()
            answer = search(made, words, day=DAY, **wishes)
            took.append(1000 * (process_time() - start))
        seen.update(str(answer).encode())
        worst = max(worst, median(took))
        print(f"{median(took):6.1f} ms  {answer.count:6,} entries  {words!r} {wishes}")
    print(f"slowest {worst:.1f} ms (limit {MILLISECONDS:.0f}); answers {seen.hexdigest()[:12]}")
    return int(worst > MILLISECONDS or not seen.hexdigest().startswith(SAME))


if __name__ == "__main__":
    sys.exit(main())
