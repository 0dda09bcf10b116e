"""The public API: what may be imported, and that it is closed under its own types."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import attrs
import pytest

import grantcalc
from grantcalc import Line
from grantcalc.billing import Registration
from grantcalc.billing.lines import Draft
from grantcalc.errors import GrantcalcError

ROOT = Path(__file__).resolve().parent.parent
MODULES = """
    grantcalc
    accounts audit awards billing cases closing compliance disclosure eligibility errors forms io known ledger
    letter_years letters money network outreach periods progress provenance regions terms
""".split()
PUBLIC = {name if name == "grantcalc" else f"grantcalc.{name}" for name in MODULES}
MOST_AT_THE_TOP = 40
MOST_BY_POSITION = 5
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def exported() -> dict[str, dict[str, Any]]:
    """What each public module exports, by name."""
    modules = {name: import_module(name) for name in sorted(PUBLIC)}
    return {name: {each: getattr(module, each) for each in module.__all__} for name, module in modules.items()}


def ours(value: object) -> bool:
    """Whether a class or function is one of this library."""
    return str(getattr(value, "__module__", "")).startswith("grantcalc")


def named(annotation: object) -> Iterator[type]:
    """The classes of this library that a type names, however deep."""
    kind = get_origin(annotation) or annotation
    if inspect.isclass(kind) and ours(kind):
        yield kind
    for part in get_args(annotation):
        for one in part if isinstance(part, list) else [part]:
            yield from named(one)


def hints(value: Any) -> dict[str, Any]:
    """The types of a function or class; names that a module imports for them alone are looked up
    there."""
    kinds = value.__mro__ if inspect.isclass(value) else (value,)  # a field is annotated where its class stands
    modules = [vars(import_module(kind.__module__)) for kind in kinds]
    return get_type_hints(value, {name: found for names in reversed(modules) for name, found in names.items()})


def reached(value: Any) -> Iterator[type]:
    """The classes of this library that a public function or class names: in its own parameters and
    results, in the public fields of a value, and in what its public methods and properties take and
    return."""
    if not inspect.isclass(value):
        for annotation in hints(value).values():
            yield from named(annotation)
        return
    if attrs.has(value):
        types = hints(value)
        for field in attrs.fields(value):
            if not field.name.startswith("_"):
                yield from named(types.get(field.name))
    for kind in filter(ours, value.__mro__):
        for name, member in vars(kind).items():
            if not name.startswith("_") and inspect.isfunction(function := function_of(member)):
                yield from reached(function)


def function_of(member: Any) -> Any:
    """The function behind a method or property."""
    for inside in ("fget", "func", "__func__"):
        member = getattr(member, inside, member)
    return member


def refusals(kind: type[GrantcalcError]) -> Iterator[type[GrantcalcError]]:
    """Every refusal of the library below one."""
    for below in kind.__subclasses__():
        if ours(below):
            yield below
        yield from refusals(below)


def unreachable(public: dict[str, dict[str, Any]]) -> dict[str, set[str]]:
    """Each class that cannot be imported from a public module, and the public names by which one
    meets it."""
    known = {id(value) for names in public.values() for value in names.values()}
    missing: dict[str, set[str]] = {}
    for module, names in public.items():
        for name, value in names.items():
            if inspect.isclass(value) or inspect.isfunction(value):
                for kind in reached(value):
                    if id(kind) not in known and not kind.__name__.startswith("_"):
                        missing.setdefault(f"{kind.__module__}.{kind.__name__}", set()).add(f"{module}.{name}")
    for kind in refusals(GrantcalcError):
        if id(kind) not in known:
            missing.setdefault(f"{kind.__module__}.{kind.__name__}", set()).add("raised")
    return missing


class TestClosed:
    """Whatever a public function takes, returns or raises can be imported from a public module."""

    def test_every_type_has_a_public_place(self) -> None:
        missing = unreachable(exported())
        assert not missing, "\n".join(f"{kind}: {sorted(names)}" for kind, names in sorted(missing.items()))

    def test_a_type_without_one_is_seen(self) -> None:
        """In a parameter or a result, a field, a method and a property, and among the refusals."""
        public = exported()
        for module, name, meets in [
            ("grantcalc.terms", "Filling", "grantcalc.terms.fill_terms"),
            ("grantcalc.known", "Fact", "grantcalc.Line"),
            ("grantcalc.ledger", "FederalShare", "grantcalc.Request"),
            ("grantcalc.io", "Unwritable", "raised"),
        ]:
            kind = public[module].pop(name)
            missing = unreachable(public)
            assert meets in missing.pop(f"{kind.__module__}.{name}")
            assert not missing
            public[module][name] = kind


class TestSmall:
    """The top has the one path, its values and its refusals; everything else has one public
    module."""

    def test_about_35_names_at_the_top(self) -> None:
        assert len(grantcalc.__all__) <= MOST_AT_THE_TOP

    def test_each_name_at_the_top_also_stands_in_its_module(self) -> None:
        public = exported()
        top = public.pop("grantcalc")
        for name, value in top.items():
            assert any(names.get(name) is value for names in public.values()), name

    def test_below_the_top_a_name_stands_in_one_module(self) -> None:
        """A name in two modules is the same value there, so that it means one thing."""
        meanings: dict[str, set[int]] = {}
        for names in exported().values():
            for name, value in names.items():
                meanings.setdefault(name, set()).add(id(value))
        assert [name for name, values in meanings.items() if len(values) > 1] == []

    def test_every_public_class_and_function_is_described(self) -> None:
        for module, names in exported().items():
            for name, value in names.items():
                if inspect.isclass(value) or inspect.isfunction(value):
                    assert value.__doc__, f"{module}.{name}"

    def test_every_public_module_is_named_in_the_design(self) -> None:
        page = (
            (ROOT / "docs" / "design.md").read_text("utf-8").partition("## The public API\n")[2].partition("\n## ")[0]
        )
        assert set(re.findall(r"^\| `(grantcalc[\w.]*)` \|", page, re.MULTILINE)) == PUBLIC


class TestKeywords:
    """A public value with more than five fields is built by keyword."""

    def test_every_value_is_built_so(self) -> None:
        public = exported()
        wrong = [f"{module}.{name}" for module, names in public.items() for name in names if by_position(names[name])]
        assert wrong == []

    def test_one_that_is_not_is_seen(self) -> None:
        """A line is made by position while it is open, which is not public; five fields may be
        given either way."""
        assert by_position(Draft)
        assert not by_position(Registration)

    def test_a_line_refuses_what_is_given_by_position(self) -> None:
        with pytest.raises(TypeError, match="positional"):
            Line("SITE")  # type: ignore[call-arg]


def by_position(value: Any) -> bool:
    """Whether a value with more than five fields takes any of them by position."""
    if not (inspect.isclass(value) and attrs.has(value)):
        return False
    given = inspect.signature(value).parameters.values()
    return len(given) > MOST_BY_POSITION and any(each.kind is not each.KEYWORD_ONLY for each in given)


class TestPages:
    """README, docs and notebooks import only public names."""

    def test_nothing_else_is_imported(self) -> None:
        sources = dict(pages())
        assert len(sources) > 20
        private = [f"{where}: {name}" for where, source in sources.items() for name in private_names(source)]
        assert private == []

    @pytest.mark.parametrize(
        ("source", "name"),
        [
            ("from grantcalc.outreach.search import search", "grantcalc.outreach.search.search"),
            ("from grantcalc import Draft", "grantcalc.Draft"),
            ("import grantcalc.xlsx", "grantcalc.xlsx"),
            ("def later():\n    from grantcalc.errors import refuse", "grantcalc.errors.refuse"),
        ],
    )
    def test_a_private_name_is_seen(self, source: str, name: str) -> None:
        assert [*private_names(source)] == [name]
        assert [*private_names("import grantcalc.io\nfrom grantcalc import bill, terms\nfrom os import path")] == []


def pages() -> Iterator[tuple[str, str]]:
    """Each piece of Python that a reader sees, and where."""
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))):
        for number, block in enumerate(PYTHON.findall(page.read_text("utf-8"))):
            yield f"{page.name} {number}", block
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                yield f"{path.name} {cell['id']}", "".join(cell["source"])


def private_names(source: str) -> Iterator[str]:
    """What a source imports of the library that is not public."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            yield from (name for name in names if name.split(".")[0] == "grantcalc" and name not in PUBLIC)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "grantcalc":
            public = import_module(node.module).__all__ if node.module in PUBLIC else ()
            for name in (alias.name for alias in node.names):
                if name not in public and f"{node.module}.{name}" not in PUBLIC:
                    yield f"{node.module}.{name}"
