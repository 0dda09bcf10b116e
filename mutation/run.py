"""Mutation testing: small faults, one at a time, in the modules that compute; the example tests
must notice each.

    make mutants                        every mutant (what an earlier run with the same files did is kept)
    make mutants ONLY=billing.days      the mutants of one module
    make mutants ONLY=--again           those that survived the latest run, under the tests as they are now

A mutant is compiled in memory, and no file is touched. Each runs in a process of its own, with the
tests that reach its line. Where it stands in a function, that process is forked from one in which
the tests are collected, and the function is given the changed code; where it is outside, or did its
work at import, everything is imported afresh.

Why not mutmut 3: it leaves out whatever has a decorator (validators, defaults, properties, cached
functions) or stands outside a function, mutates every message, and chooses tests by the function
instead of the line.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import hashlib
import importlib
import importlib.util
import json
import mmap
import os
import re
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from importlib.machinery import ModuleSpec, SourceFileLoader
from itertools import chain, repeat
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import coverage
import pytest
from _pytest.runner import runtestprotocol

from mutation.faults import TARGETS, Mutant, mutants

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
LATEST = ROOT / "out" / "mutants.json"
SURVIVORS = ROOT / "mutation" / "survivors.md"
EXAMPLES = """
    money periods known rulebook programs counting windows lines caseload ceilings billing_* keys ranges doubts
    who_is_served disallowed_costs rules_that_broke reporters in_memory
    requests* ledger posting adjustments* asking holds forms rollup
""".split()
"""The example tests, `tests/test_….py`; properties and slow tests among them are left out."""
JOBS = os.cpu_count() or 1
PATIENCE = 2
"""Seconds of one processor by which a test under a mutant may take longer; one that goes on and on
has failed."""
KILLED = Fraction(9, 10)
"""The least share of the mutants that must be killed."""
BROKEN = 3
IMPORT, COLLECTION = "", "collection"
"""What reached a line before any test did. One that was run by the import has done its work when a
function is given changed code."""
ENDS = {0: "survived", BROKEN: "broken"}

CACHE = type(functools.cache(len))
Save = Callable[[], None]
Task = tuple[str, Callable[[], bool]]


class Changed(SourceFileLoader):
    """Imports one module from a changed tree instead of its file."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(".".join(mutant.path.relative_to(SRC).with_suffix("").parts), str(mutant.path))
        self.mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        return self.mutant.code()

    def find_spec(self, name: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        return importlib.util.spec_from_file_location(name, self.path, loader=self) if name == self.name else None


def codes(code: CodeType) -> Iterator[tuple[tuple[str, str, int], CodeType]]:
    """Every code object of a module by its file, name and first line."""
    yield (code.co_filename, code.co_qualname, code.co_firstlineno), code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from codes(inner)


def passes(item: pytest.Item) -> bool:
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=None))


def allow(seconds: float) -> None:
    """So much longer, and PATIENCE, may this process run."""
    most = int(time.process_time() + 2 * seconds + PATIENCE + 1)
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def spread(tasks: Iterable[Task], results: dict[str, str], save: Save) -> None:
    """Does each task in a process of its own: the mutant survives if it gives True, and dies
    however else it ends."""
    running: dict[int, str] = {}
    for name, work in chain(tasks, repeat(("", bool), JOBS)):
        while len(running) >= (JOBS if name else 1):
            pid, status = os.wait()
            results[running.pop(pid)] = ENDS.get(os.waitstatus_to_exitcode(status), "killed")
            if len(results) % 100 == 0 or not running:
                print(len(results), end=" ", flush=True, file=sys.stderr)
                save()
        if not name:
            break
        if pid := os.fork():
            running[pid] = name
            continue
        with contextlib.suppress(ValueError, OSError):  # not on every system
            resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        status = BROKEN
        try:
            status = 0 if work() else 1
        finally:
            os._exit(status)


class Examples:
    """A run of pytest without properties and slow tests."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [
            i for i in items if not hasattr(getattr(i, "obj", None), "hypothesis") and not i.get_closest_marker("slow")
        ]


class Run(Examples):
    """A run of pytest that tries mutants instead of running each test once."""

    def __init__(self, todo: Sequence[Mutant], results: dict[str, str], save: Save) -> None:
        self.todo, self.results, self.save = todo, results, save
        self.afresh: list[str] = []
        self.coverage = coverage.Coverage(data_file=None, include=[str(p) for p in TARGETS], config_file=False)
        self.coverage.start()
        package = importlib.import_module("grantcalc")
        for name in package.__all__:  # each is imported when it is first asked for
            getattr(package, name)
        self.coverage.switch_context(COLLECTION)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        caches = [c for c in gc.get_objects() if isinstance(c, CACHE)]
        self.caches = [c for c in caches if c.__module__.startswith("grantcalc")]
        seconds, reached = self.reach(items)
        functions = defaultdict(list)
        for f in gc.get_objects():
            if isinstance(f, FunctionType) and f.__module__ and f.__module__.startswith("grantcalc"):
                functions[f.__code__.co_filename, f.__code__.co_qualname, f.__code__.co_firstlineno].append(f)

        # how many mutants of a module each test has killed so far, told by the processes that it
        # did so in
        numbers = {nodeid: n for n, nodeid in enumerate(items)}
        kills = {path: memoryview(mmap.mmap(-1, 4 * len(items))).cast("I") for path in TARGETS}

        def work(mutant: Mutant, order: Sequence[str]) -> bool:
            """Whether a mutant inside a function survives the tests."""
            for key, code in codes(mutant.code()):
                for function in functions.get(key, ()):
                    function.__code__ = code
            self.forget()
            for test in order:
                allow(seconds[test])
                if not passes(items[test]):
                    kills[mutant.path][numbers[test]] += 1
                    return False
            return True

        def tasks() -> Iterator[Task]:
            for mutant in self.todo:
                lines, killed = reached[str(mutant.path)], kills[mutant.path]
                tests = {test for n in mutant.lines for test in lines.get(n, ())} if mutant.inside else set()
                tests.discard(COLLECTION)
                if tests and IMPORT not in tests:
                    order = sorted(tests, key=lambda test: (-killed[numbers[test]], seconds[test]))
                    yield mutant.name, functools.partial(work, mutant, order)
                else:
                    self.afresh.append(mutant.name)

        gc.freeze()
        spread(tasks(), self.results, self.save)
        return True

    def forget(self) -> None:
        """Empty every cache, so that each test reaches what it would reach alone."""
        for cache in self.caches:
            cache.cache_clear()

    def reach(self, items: Mapping[str, pytest.Item]) -> tuple[dict[str, float], dict[str, dict[int, list[str]]]]:
        """The seconds of each test, and by module and line the tests that reach it."""
        seconds: dict[str, float] = {}
        for nodeid, item in items.items():
            self.forget()
            self.coverage.switch_context(nodeid)
            began = time.process_time()
            if not passes(item):
                pytest.exit(f"{nodeid} fails without any mutant", returncode=1)
            seconds[nodeid] = time.process_time() - began
        self.coverage.stop()
        data = self.coverage.get_data()
        print(f"{len(items)} tests of {sum(seconds.values()):.1f} s", file=sys.stderr)
        return seconds, {str(p): data.contexts_by_lineno(str(p)) for p in TARGETS}


def tests(plugin: Examples, *files: str) -> bool:
    """Whether all tests of some files pass, in this process."""
    off = [f"-pno:{name}" for name in ("cacheprovider", "xdist", "cov")]
    ended = pytest.main(["-x", "-q", *off, "--rootdir", str(ROOT), *files], [plugin])
    return ended in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def afresh(mutant: Mutant, files: Sequence[str]) -> bool:
    """Whether a mutant outside functions survives the tests, in a process that has not imported
    grantcalc yet; file after file, those that are named for the module first."""
    sys.meta_path.insert(0, Changed(mutant))
    allow(20)
    return all(tests(Examples(), file) for file in sorted(files, key=lambda file: mutant.path.stem not in file))


def main(arguments: list[str]) -> int:
    """Run mutants and print what survived; 1 when survivors.md does not tell of just that, or when
    too many did."""
    os.chdir(ROOT)
    files = sorted(str(p.relative_to(ROOT)) for word in EXAMPLES for p in (ROOT / "tests").glob(f"test_{word}.py"))
    stamp = hashlib.sha256(b"".join(Path(p).read_bytes() for p in [*map(str, TARGETS), *files])).hexdigest()
    latest = json.loads(LATEST.read_text("utf-8")) if LATEST.exists() else {}
    results: dict[str, str] = latest.get("results", {})
    if "--again" in arguments:
        results = {name: result for name, result in results.items() if result == "killed"}
    elif latest.get("stamp") != stamp:
        results = {}
    found = [mutant for path in TARGETS for mutant in mutants(path)]
    modules = [a for a in arguments if not a.startswith("-")]
    todo = [m for m in found if m.name not in results and (not modules or m.name.split()[0] in modules)]
    print(f"{len(found)} mutants, {len(todo)} to run", file=sys.stderr, flush=True)
    LATEST.parent.mkdir(exist_ok=True)
    read, write = os.pipe()

    def save() -> None:
        LATEST.write_text(json.dumps({"stamp": stamp, "results": results}, ensure_ascii=False), "utf-8")

    if not os.fork():
        os.close(read)
        if not tests(plugin := Run(todo, results, save), *files):
            os._exit(1)
        with os.fdopen(write, "w", encoding="utf-8") as pipe:
            json.dump([results, plugin.afresh], pipe)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as pipe:
        told = pipe.read()
    os.wait()
    if not told:
        return 1
    done, rest = json.loads(told)
    results.update(done)
    by_name = {m.name: m for m in found}
    spread(((name, functools.partial(afresh, by_name[name], files)) for name in rest), results, save)
    return report({m.name: results[m.name] for m in found if m.name in results}, partial=bool(modules))


def report(results: Mapping[str, str], *, partial: bool) -> int:
    """Print how many mutants of each module were killed, and where the survivors are not those of
    survivors.md."""
    survivors = [name for name, result in results.items() if result != "killed"]
    for module in dict.fromkeys(name.split()[0] for name in results):
        of = Counter(result for name, result in results.items() if name.split()[0] == module)
        print(f"{module}: {of['killed']} of {of.total()} killed")
    print(
        f"{len(results) - len(survivors)} of {len(results)} killed: {100 - 100 * len(survivors) / len(results):.1f} %"
    )
    told = re.findall(r"^\* (.+)$", SURVIVORS.read_text("utf-8"), re.MULTILINE) if SURVIVORS.exists() else []
    untold = [name for name in survivors if name not in told]
    dead = [] if partial else [name for name in told if name not in survivors]
    for name in untold:
        print(f"survives, and {SURVIVORS.name} does not tell why: {name}")
    for name in dead:
        print(f"no survivor, though {SURVIVORS.name} tells of it: {name}")
    return 1 if untold or dead or len(survivors) > len(results) * (1 - KILLED) else 0


if __name__ == "__main__":
    sys.path.insert(0, str(SRC))
    sys.exit(main(sys.argv[1:]))
