"""Small faults: what of a module's syntax tree may be changed, and into what.

Not changed: annotations, sentences (words are), asserts, and what only a notebook shows (`repr`).
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "grantcalc"
TARGETS = [
    *(PACKAGE / f"{name}.py" for name in ("money", "periods", "known", "forms")),
    *sorted(PACKAGE.glob("billing/*.py")),
    *sorted(PACKAGE.glob("ledger/*.py")),
]
SHOWN = re.compile(r"^__repr__$|^how_many$")
WORD = re.compile(r"[a-z_]*")
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
    """One fault: its name, its module as a tree, where in the tree it stands, and the lines of its
    statement."""

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
        case ast.comprehension(target, iterable, [_, *_]):
            yield ast.comprehension(target, iterable, [], node.is_async)
        case ast.stmt():
            yield from statement_faults(node)


def statement_faults(node: ast.stmt) -> Iterator[ast.stmt]:
    """What may stand in a statement's place: most often nothing."""
    match node:
        case ast.AugAssign(target, op, value):
            if type(op) in ARITHMETIC:
                yield ast.AugAssign(target, ARITHMETIC[type(op)](), value)
            yield ast.Pass()
        case ast.If(test) if not isinstance(test, ast.Compare | ast.UnaryOp):
            yield ast.If(ast.UnaryOp(ast.Not(), test), node.body, node.orelse)
        case ast.Return(value) if value is not None and ast.unparse(value) not in EMPTY:
            yield ast.Return(ast.Constant(None))
        case ast.Expr(ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.Raise() | ast.Continue() | ast.Break():
            yield ast.Pass()
        case ast.Assign([ast.Subscript() | ast.Attribute()]):
            yield ast.Pass()


def mutants(path: Path) -> list[Mutant]:
    """Every fault that may be made in a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
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
    """A fault in words: what stands there and what would, with what stands around a bare
    constant."""
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
