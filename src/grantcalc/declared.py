"""Fields and parameters hold what they declare: rows given as any iterable become a tuple, a wrong
type is a TypeError.

`declared` is for classes (`@frozen(field_transformer=declared)`), `checked` for public functions.
Both read the annotations once, on first use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from functools import cache, wraps
from inspect import Signature, signature
from types import UnionType
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

from attrs import Attribute, define

P = ParamSpec("P")
R = TypeVar("R")
TypeCheck = Callable[[Any], bool]


def declared(owner: type, fields: list[Attribute[Any]]) -> list[Attribute[Any]]:
    """The fields of a class, each with a check of its type; what is declared as a tuple of any
    length takes any iterable."""
    return [_with_check(owner, field) if field.init and field.validator is None else field for field in fields]


def _with_check(owner: type, field: Attribute[Any]) -> Attribute[Any]:
    text = str(field.type)
    rows = field.converter is None and text.startswith("tuple[") and text.endswith(", ...]")
    return field.evolve(validator=_Declared(owner), converter=_as_tuple if rows else field.converter)


@define(eq=False)
class _Declared:
    """The check of one field, made when the first value is."""

    owner: type
    check: TypeCheck | None = None

    def __call__(self, instance: object, field: Attribute[Any], value: object) -> None:
        if self.check is None:
            self.check = check_of(_hints(self.owner)[field.name])
        if not self.check(value):
            raise TypeError(wrong_type(f"{field.name} of {self.owner.__name__}", field.type, value))


def wrong_type(what: str, hint: object, value: object) -> str:
    """What is wrong with a value of another type than is declared; the value itself is not
    repeated."""
    wanted = hint if isinstance(hint, str) else getattr(hint, "__name__", None) if isinstance(hint, type) else hint
    return f"{what} must be {str(wanted).replace('typing.', '')}, not {type(value).__name__}"


def _as_tuple(value: Any) -> Any:
    """Rows as a tuple. What cannot be one is left to the check."""
    if isinstance(value, tuple | str | bytes) or not isinstance(value, Iterable):
        return value
    return tuple(value)


@cache
def _hints(owner: Any) -> dict[str, Any]:
    return get_type_hints(owner)


@cache
def check_of(hint: Any) -> TypeCheck:
    """Whether a value is of a declared type; the rows of a tuple, list or other iterable are
    checked one by one."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _union_check([check_of(arg) for arg in args])
    if origin is Literal:
        return lambda value: isinstance(value, str) and value in args
    if origin is tuple and args[-1:] != (...,):
        return _tuple_check([check_of(arg) for arg in args])
    if isinstance(origin, type) and issubclass(origin, Iterable) and (len(args) == 1 or origin is tuple):
        return _rows_check(origin, check_of(args[0]))
    return _class_check(origin or hint)


def _union_check(either: list[TypeCheck]) -> TypeCheck:
    return lambda value: any(check(value) for check in either)


def _tuple_check(each: list[TypeCheck]) -> TypeCheck:
    def check(value: Any) -> bool:
        return (
            isinstance(value, tuple) and len(value) == len(each) and all(c(v) for c, v in zip(each, value, strict=True))
        )

    return check


def _class_check(kind: Any) -> TypeCheck:
    if kind is Any or isinstance(kind, TypeVar | ParamSpec):
        return lambda value: True
    if kind is int:  # True is no number here
        return lambda value: isinstance(value, int) and not isinstance(value, bool)
    if kind is date:  # a datetime has a time of day
        return lambda value: isinstance(value, date) and not isinstance(value, datetime)
    return lambda value: isinstance(value, kind)


def _rows_check(kind: Any, of_row: TypeCheck) -> TypeCheck:
    def check(value: Any) -> bool:
        return isinstance(value, kind) and not isinstance(value, str | bytes) and all(map(of_row, value))

    return check


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """A public function that refuses arguments of another type than it declares with a TypeError,
    before it begins."""

    @cache
    def declares() -> tuple[Signature, dict[str, Any]]:
        return signature(function), get_type_hints(function)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        takes, hints = declares()
        given = takes.bind(*args, **kwargs)
        for name, value in given.arguments.items():
            hint, rows = hints.get(name, Any), _kept(value)
            if not check_of(hint)(rows):
                raise TypeError(wrong_type(f"{name} of {function.__name__}", hint, value))
            given.arguments[name] = rows
        return function(*given.args, **given.kwargs)

    return call


def _kept(value: Any) -> Any:
    """Rows that can be read only once, such as those of a generator, as a tuple: the check would
    use them up."""
    return tuple(value) if isinstance(value, Iterator) and not hasattr(value, "read") else value
