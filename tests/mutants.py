"""Mutation testing: small faults, one at a time, in the modules that compute; the example tests must notice each.

    python tests/mutants.py                    every mutant (what an earlier run with the same files did is kept)
    python tests/mutants.py billing.days       the mutants of one module
    python tests/mutants.py --again            those that survived the latest run, under the tests as they are now

Why not mutmut: it leaves out whatever has a decorator (validators, defaults, properties, cached functions) and whatever
stands outside a function, and it chooses tests by the function instead of the line.

A mutant is a change of the syntax tree, compiled in memory; no file is touched. Each runs in a process of its own, with the
tests that reach its line. Where it stands in a function, that process is forked from one in which the tests are collected,
and the function is given the changed code; else it imports everything afresh. Not mutated: annotations, sentences (words
are), asserts, and what only a notebook shows (`html`, `repr`).
"""

from __future__ import annotations

import ast
import contextlib
import functools
import gc
import hashlib
import importlib.util
import json
import os
import re
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from itertools import chain, repeat
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import coverage
import pytest
from _pytest.runner import runtestprotocol

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
LATEST = ROOT / "out" / "mutants.json"
SURVIVORS = ROOT / "tests" / "survivors.md"
LATER = {"__init__", "ledger", "requests", "adjustments"}
TARGETS = [SRC / "grantcalc" / f"{name}.py" for name in ("money", "periods", "known")] + sorted(
    path for path in (SRC / "grantcalc" / "billing").glob("*.py") if path.stem not in LATER
)
EXAMPLES = "money periods known rulebook programs counting windows lines caseload ceilings billing".split()
SHOWN = re.compile(r"html|^_line_row$|^__repr__$|^how_many$")
WORD = re.compile(r"[a-z_]*")
JOBS = os.cpu_count() or 1
PATIENCE = 20
"""Seconds of one processor after which a mutant that goes on and on is killed; most take less than one."""

SHORT = 100
EMPTY = {"None", "False", "0", "''", "[]", "()", "{}"}

ORDER: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
OTHER = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}


class Mutant(NamedTuple):
    """One fault: its name, its module as a tree, where in the tree it stands, and the lines of its statement."""

    name: str
    path: Path
    tree: ast.Module
    place: tuple[Any, Any]
    fault: ast.AST
    lines: range
    inside: bool

    def code(self) -> CodeType:
        """The module with the fault; the tree keeps it, so this is for a process of its own."""
        _put(self.place, self.fault)
        return compile(ast.fix_missing_locations(self.tree), str(self.path), "exec")


def faults(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in a node's place."""
    match node:
        case ast.Compare(left, ops, right):
            for i, op in enumerate(ops):
                yield from (ast.Compare(left, [*ops[:i], other(), *ops[i + 1 :]], right) for other in ORDER[type(op)])
        case ast.BinOp(left, op, other) if type(op) in ARITHMETIC:
            yield ast.BinOp(left, ARITHMETIC[type(op)](), other)
        case ast.AugAssign(target, op, value):
            if type(op) in ARITHMETIC:
                yield ast.AugAssign(target, ARITHMETIC[type(op)](), value)
            yield ast.Pass()
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.And() if isinstance(op, ast.Or) else ast.Or(), values)
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield operand
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() as value):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case ast.Constant(str() as value) if WORD.fullmatch(value):
            yield ast.Constant(value + "x")
        case ast.Call(ast.Name(name), args, keywords) if name in OTHER:
            yield ast.Call(ast.Name(OTHER[name], ast.Load()), args, [] if name == "sorted" else keywords)
        case ast.IfExp(test, body, otherwise):
            yield ast.IfExp(test, otherwise, body)
        case ast.If(test) if not isinstance(test, ast.Compare | ast.UnaryOp):
            yield ast.If(ast.UnaryOp(ast.Not(), test), node.body, node.orelse)
        case ast.comprehension(target, iterable, [_, *_]):
            yield ast.comprehension(target, iterable, [], node.is_async)
        case ast.Return(value) if value is not None and ast.unparse(value) not in EMPTY:
            yield ast.Return(ast.Constant(None))
        case ast.Expr(ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.Raise() | ast.Continue() | ast.Break():
            yield ast.Pass()
        case ast.Assign([ast.Subscript() | ast.Attribute()]):
            yield ast.Pass()


def mutants(path: Path) -> list[Mutant]:
    """Every fault that may be made in a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    module = ".".join(path.relative_to(SRC / "grantcalc").with_suffix("").parts)
    found: list[Mutant] = []
    times: Counter[str] = Counter()

    def visit(
        node: ast.AST, parent: ast.AST, place: tuple[Any, Any], where: str, statement: range, inside: bool
    ) -> None:
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            statement = range(node.lineno, body[0].lineno if body else (node.end_lineno or node.lineno) + 1)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            where = f"{where}.{node.name}" if where else node.name
        if _shown(node):
            return
        for fault in faults(node):
            name = f"{module} {where or '(module)'}: {_told(node, fault, parent, place)}"
            times[name] += 1
            name += f" ({times[name]})" if times[name] > 1 else ""
            found.append(Mutant(name, path, tree, place, fault, statement, inside))
        for field, value in ast.iter_fields(node):
            if field not in ("annotation", "returns", "decorator_list"):
                within = inside or (isinstance(node, ast.FunctionDef) and field == "body")
                for i, child in enumerate(value if isinstance(value, list) else [value]):
                    if isinstance(child, ast.AST):
                        at = (value, i) if isinstance(value, list) else (node, field)
                        visit(child, node, at, where, statement, within)

    visit(tree, tree, (None, None), "", range(0), False)
    return found


def _told(node: ast.AST, fault: ast.AST, parent: ast.AST, place: tuple[Any, Any]) -> str:
    """A fault in words: what stands there and what would, with what stands around a bare constant."""
    before, after = ast.unparse(node), ast.unparse(ast.fix_missing_locations(fault))
    if isinstance(node, ast.If):
        before, after = (text.partition("\n")[0] for text in (before, after))
    elif isinstance(node, ast.Constant):
        around = ast.unparse(parent)
        _put(place, fault)
        if max(len(around), len(ast.unparse(parent))) <= SHORT and not isinstance(parent, ast.FunctionDef):
            before, after = around, ast.unparse(parent)
        _put(place, node)
    short = (
        text if len(text) <= SHORT else f"{text[:SHORT]}…" for text in (" ".join(x.split()) for x in (before, after))
    )
    return " → ".join(f"`{text}`" for text in short)


def _put(place: tuple[Any, Any], node: ast.AST) -> None:
    holder, key = place
    if isinstance(holder, list):
        holder[key] = node
    else:
        setattr(holder, key, node)


def _shown(node: ast.AST) -> bool:
    """Whether a node is only for mypy, for the reader of a message, or for a notebook."""
    match node:
        case ast.Assert() | ast.Import() | ast.ImportFrom() | ast.JoinedStr() | ast.keyword("repr"):
            return True
        case ast.FunctionDef(name):
            return bool(SHOWN.search(name))
        case ast.Assign([ast.Name(name)]):
            return name in ("__all__", "LINE_COLUMNS", "T")
    return False


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


def forget() -> None:
    """Empty every cache, so that each test reaches what it would reach alone."""
    for value in gc.get_objects():
        if isinstance(value, functools._lru_cache_wrapper) and value.__module__.startswith("grantcalc"):
            value.cache_clear()


def passes(item: pytest.Item) -> bool:
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=None))


def spread(tasks: Iterable[tuple[str, Callable[[], bool]]], results: dict[str, str], save: Callable[[], None]) -> None:
    """Does each task in a process of its own: the mutant survives if it gives True, and dies however else it ends."""
    running: dict[int, str] = {}
    for name, work in chain(tasks, repeat(("", bool), JOBS)):
        while len(running) >= (JOBS if name else 1):
            pid, status = os.wait()
            results[running.pop(pid)] = "survived" if status == 0 else "killed"
            if len(results) % 100 == 0 or not running:
                print(len(results), end=" ", flush=True, file=sys.stderr)
                save()
        if not name:
            break
        if pid := os.fork():
            running[pid] = name
            continue
        resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
        with contextlib.suppress(ValueError, OSError):  # not on every system
            resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        status = 1
        try:
            status = 0 if work() else 1
        finally:
            os._exit(status)


class Run:
    """A run of pytest that tries mutants instead of running each test once."""

    def __init__(self, todo: Sequence[Mutant], results: dict[str, str], save: Callable[[], None]) -> None:
        self.todo, self.results, self.save = todo, results, save
        self.afresh: list[tuple[Mutant, set[str]]] = []

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [i for i in items if not hasattr(getattr(i, "obj", None), "hypothesis")]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        seconds, reached = self.reach(items)
        functions = defaultdict(list)
        for f in gc.get_objects():
            if isinstance(f, FunctionType) and f.__module__ and f.__module__.startswith("grantcalc"):
                functions[f.__code__.co_filename, f.__code__.co_qualname, f.__code__.co_firstlineno].append(f)

        def tasks() -> Iterator[tuple[str, Callable[[], bool]]]:
            for mutant in self.todo:
                lines = reached[str(mutant.path)]
                tests = {test for n in mutant.lines for test in lines.get(n, ())} if mutant.inside else set()
                if tests:
                    order = sorted(tests, key=lambda test: seconds[test])
                    yield mutant.name, functools.partial(self.inside, mutant, functions, [items[t] for t in order])
                elif mutant.inside and mutant.path.stem != "cases":
                    self.results[mutant.name] = "survived"  # nothing reaches it
                else:
                    self.afresh.append((mutant, {test for found in lines.values() for test in found}))

        gc.freeze()
        spread(tasks(), self.results, self.save)
        return True

    @staticmethod
    def inside(mutant: Mutant, functions: Mapping[object, list[FunctionType]], items: list[pytest.Item]) -> bool:
        """Whether a mutant inside a function survives the tests."""
        for key, code in codes(mutant.code()):
            for function in functions.get(key, ()):
                function.__code__ = code
        forget()
        return all(passes(item) for item in items)

    @staticmethod
    def reach(items: Mapping[str, pytest.Item]) -> tuple[dict[str, float], dict[str, dict[int, list[str]]]]:
        """The seconds of each test, and by module and line the tests that reach it."""
        cov = coverage.Coverage(data_file=None, include=[str(p) for p in TARGETS], config_file=False)
        cov.start()
        seconds: dict[str, float] = {}
        for nodeid, item in items.items():
            forget()
            cov.switch_context(nodeid)
            began = time.process_time()
            if not passes(item):
                sys.exit(f"{nodeid} fails without any mutant")
            seconds[nodeid] = time.process_time() - began
        cov.stop()
        data = cov.get_data()
        print(f"{len(items)} tests of {sum(seconds.values()):.1f} s", file=sys.stderr)
        return seconds, {str(p): data.contexts_by_lineno(str(p)) for p in TARGETS}


class Only:
    """The tests of a mutant outside functions."""

    def __init__(self, wanted: Container[str]) -> None:
        self.wanted = wanted

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [i for i in items if i.nodeid in self.wanted]


def tests(plugin: object, files: Sequence[str]) -> int:
    """Pytest over some files, in this process."""
    off = [f"-pno:{name}" for name in ("cacheprovider", "xdist", "cov")]
    return int(pytest.main(["-x", "-q", *off, "--rootdir", str(ROOT), *files], [plugin]))


def afresh(mutant: Mutant, wanted: set[str]) -> bool:
    """Whether a mutant outside functions survives the tests, in a process that has not imported grantcalc yet."""
    sys.meta_path.insert(0, Changed(mutant))  # type: ignore[arg-type]
    return tests(Only(wanted), sorted({nodeid.partition("::")[0] for nodeid in wanted})) == 0


def main(arguments: list[str]) -> int:
    """Run mutants and print what survived; 1 when that is not what survivors.md tells of."""
    os.chdir(ROOT)
    files = sorted(str(p.relative_to(ROOT)) for word in EXAMPLES for p in (ROOT / "tests").glob(f"test_{word}*.py"))
    stamp = hashlib.sha256(b"".join(Path(p).read_bytes() for p in [*TARGETS, *files])).hexdigest()
    latest = json.loads(LATEST.read_text("utf-8")) if LATEST.exists() else {}
    results: dict[str, str] = latest.get("results", {}) if latest.get("stamp") == stamp else {}
    if "--again" in arguments:
        results = {name: result for name, result in latest["results"].items() if result == "killed"}
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
        tests(plugin := Run(todo, results, save), files)
        with os.fdopen(write, "w", encoding="utf-8") as pipe:
            json.dump([results, [[m.name, sorted(wanted)] for m, wanted in plugin.afresh]], pipe)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as pipe:
        done, rest = json.load(pipe)
    os.wait()
    results.update(done)
    by_name = {m.name: m for m in found}
    spread(((n, functools.partial(afresh, by_name[n], set(wanted))) for n, wanted in rest), results, save)
    return report({m.name: results[m.name] for m in found if m.name in results}, partial=bool(modules))


def report(results: Mapping[str, str], *, partial: bool) -> int:
    """Print how many mutants of each module were killed, and where the survivors are not those of survivors.md."""
    survivors = [name for name, result in results.items() if result == "survived"]
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
    return 1 if untold or dead else 0


if __name__ == "__main__":
    sys.path.insert(0, str(SRC))
    sys.exit(main(sys.argv[1:]))
