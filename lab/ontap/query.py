"""Filters and order of a collection: any field may be a filter, with ONTAP's operators.

`a|b` and `a,b` one of, `*` wildcard, `!x` not, `<x >x <=x >=x` comparison, `a..b` range, `null` and `!null`.
A list matches when one of its items does. Source: facts: ontap 5; the comma as Manila's driver sends it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lab.ontap.errors import unexpected_argument
from lab.ontap.model import Collection, Document
from lab.ontap.sizes import parse_size

CONTROL = frozenset(
    {
        "fields",
        "max_records",
        "order_by",
        "return_records",
        "return_timeout",
        "start.index",
        "ignore_unknown_fields",
    }
)
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}


def filters_of(collection: Collection, query: Mapping[str, str]) -> dict[str, str]:
    """The arguments that are filters; an argument that is neither control nor field is refused."""
    filters = {name: value for name, value in query.items() if name not in CONTROL}
    for name in filters:
        if not collection.knows(name):
            raise unexpected_argument(name)
    return filters


def matches(document: Document, filters: Mapping[str, str]) -> bool:
    """Whether the record passes every filter."""
    return all(_passes(values_of(document, name), wanted) for name, wanted in filters.items())


def values_of(document: Document, name: str) -> list[Any]:
    """The values under a dotted name, looking into lists of objects."""
    if name in document:
        value = document[name]
        return list(value) if isinstance(value, list) else [value]
    found = []
    for key, value in document.items():
        if name.startswith(key + ".") and isinstance(value, list):
            part = name.removeprefix(key + ".")
            found += [item[part] for item in value if isinstance(item, dict) and part in item]
    return found


def ordered(documents: Iterable[Document], order_by: str) -> list[Document]:
    """Sorted by `name`, `size desc`, or several with commas; records without the field come last."""
    result = list(documents)
    for term in reversed([each.strip() for each in order_by.split(",") if each.strip()]):
        name, _, direction = term.partition(" ")
        have = [each for each in result if values_of(each, name)]
        have_not = [each for each in result if not values_of(each, name)]
        have.sort(key=lambda each: _rank(values_of(each, name)[0]), reverse=direction.strip() == "desc")
        result = have + have_not
    return result


def _rank(value: Any) -> tuple[int, int, str]:
    return (0, value, "") if isinstance(value, int) else (1, 0, str(value))


def _passes(values: list[Any], wanted: str) -> bool:
    if wanted == "null":
        return not values
    if wanted == "!null":
        return bool(values)
    if wanted.startswith("!"):
        return not _passes(values, wanted[1:])
    return any(_equal(value, each) for each in re.split(r"[|,]", wanted) for value in values)


def _equal(value: Any, wanted: str) -> bool:
    for sign, compare in _COMPARE.items():
        if wanted.startswith(sign):
            limit = parse_size(wanted.removeprefix(sign))
            number = parse_size(value)
            return limit is not None and number is not None and compare(number, limit)
    if isinstance(value, bool):
        return wanted.lower() == str(value).lower()
    if isinstance(value, int):
        low, dots, high = wanted.partition("..")
        if dots:
            return (parse_size(low) or 0) <= value <= (parse_size(high) or 2**63)
        return parse_size(wanted) == value or wanted == "*"
    if "*" in wanted:
        pattern = ".*".join(re.escape(each) for each in wanted.split("*"))
        return re.fullmatch(pattern, str(value)) is not None
    return str(value) == wanted
