"""The stack file against its JSON Schema, each breach a sentence at its place.

What is allowed is said by the schema itself: an `errorMessage` (which editors show as well), an enum, or a type.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path as File
from typing import Any, Final, cast

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

from strata.stackfile import part, sizes
from strata.stackfile.located import Path, render
from strata.stackfile.naming import did_you_mean

SCHEMA_FILE: Final = File(__file__).parents[2] / "schemas" / "stack.schema.json"

Breach = tuple[Path, str]


@cache
def validator() -> Draft202012Validator:
    """The compiled schema."""
    checks = cast(Any, validators).extend(Draft202012Validator, {"pattern": _pattern})
    return cast(Draft202012Validator, checks(json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))))


@cache
def part_validator() -> Draft202012Validator:
    """The schema of a file that others extend: nothing in it has to be complete."""
    checks = cast(Any, validators).extend(Draft202012Validator, {"pattern": _pattern})
    return cast(Draft202012Validator, checks(part.schema(cast(Mapping[str, Any], validator().schema))))


def _pattern(_: object, pattern: str, value: object, __: object) -> Iterator[ValidationError]:
    """As in ECMAScript, which the schema is written for: `$` is the very end, not the place before a last line break."""
    if isinstance(value, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def breaches(data: Any, texts: Mapping[Path, str], stack: str) -> Iterator[Breach]:
    """Everything that the schema refuses, with the path at which it is shown.

    texts: the values as they were written; stack: the name that `pulumi --stack` takes, for advice.
    """
    for error in validator().iter_errors(data):
        yield from _breach(_refusal(error), texts, stack)


def breaches_of_part(data: Any, texts: Mapping[Path, str]) -> Iterator[Breach]:
    """Everything that the schema refuses in a file that others extend."""
    for error in part_validator().iter_errors(part.without_nulls(data)):
        yield from _breach(_refusal(error), texts, None)


@dataclass(frozen=True)
class _Refusal:
    """One error of jsonschema, by what the sentences need of it.

    keyword, declared  of the schema: `minimum`, 1
    value, path        of the document
    words              jsonschema's own
    secret             the value is a secret or lies in one, so it is never shown
    of_a_key           the value is a key of the object at `path`
    """

    keyword: str
    declared: Any
    value: Any
    path: Path
    schema: Mapping[str, Any]
    words: str
    secret: bool
    of_a_key: bool


def _refusal(error: ValidationError) -> _Refusal:
    return _Refusal(
        keyword=str(error.validator),
        declared=error.validator_value,
        value=error.instance,
        path=tuple(error.absolute_path),
        schema=cast(Mapping[str, Any], error.schema),
        words=error.message,
        secret="secret" in _definitions(error.absolute_schema_path),
        of_a_key="propertyNames" in error.absolute_schema_path,
    )


def _definitions(steps: Iterable[str | int]) -> Iterator[str]:
    """The names of the definitions through which the schema leads there; `$ref` itself is no step of jsonschema's path."""
    whole = cast(Mapping[str, Any], validator().schema)
    node: Any = whole
    for step in steps:
        if isinstance(node, dict) and "$ref" in node and step not in node:
            name = str(node["$ref"]).rsplit("/", 1)[-1]
            yield name
            node = whole["$defs"][name]
        node = node[step]


def _breach(error: _Refusal, texts: Mapping[Path, str], stack: str | None) -> Iterator[Breach]:
    path, secret = error.path, error.secret
    match error.keyword:
        case "additionalProperties":
            yield from _unknown_keys(error, path, secret)
        case "required":
            for name in _missing(error):
                yield path, f"{name} is missing; {_purpose(error, name)}"
        case "dependentRequired":
            yield from _companions(error, path)
        case "oneOf":
            yield path, _exactly_one(error)
        case "anyOf":
            yield path, _at_least_one(error)
        case "minProperties" | "maxProperties" if {"env", "file"} <= set(error.schema.get("properties", {})):
            yield path, _one_source(error)
        case "pattern" if secret and path[-1] == "secure":
            yield path, f"found something else than Pulumi's ciphertext; {_advice(path[:-1], stack)}"
        case "type" if secret and path[-1] not in ("secure", "env", "file"):
            yield path, f"found {_unshown(error.value)}; {_advice(path, stack)}"
        case "uniqueItems":
            yield from _repeats(error, path)
        case "pattern" if error.of_a_key:
            yield (
                (*path, str(error.value)),
                f"found {_quoted(error.value)}; allowed: {error.schema['errorMessage']}.",
            )
        case _:
            yield path, _not_allowed(error, path, texts, secret)


def _unknown_keys(error: _Refusal, path: Path, secret: bool) -> Iterator[Breach]:
    known = error.schema["properties"]
    foreign = path == ("config",)
    for key in error.value:
        if key in known or (foreign and ":" in key and not key.startswith("strata:")):
            continue
        if secret:
            yield path, f"an object with a key that is unknown here; a secret takes {_either(known)}."
            continue
        other = " A section of another program is named NAMESPACE:KEY." if foreign and ":" not in key else ""
        yield (*path, key), f"there is no such key.{did_you_mean(key, known)}{other}"


def _missing(error: _Refusal) -> Iterator[str]:
    """Of a `required` breach jsonschema makes one error a name; its message begins with the name."""
    for name in error.declared:
        if error.words.startswith(f"'{name}' "):
            yield name


def _companions(error: _Refusal, path: Path) -> Iterator[Breach]:
    for name, companions in error.declared.items():
        for companion in companions:
            if (
                name in error.value
                and companion not in error.value
                and error.words.startswith(f"'{companion}' ")
            ):
                why = error.schema.get("errorMessage")
                yield (
                    (*path, name),
                    f"{name} needs {companion} beside it; {f'{why}.' if why else _purpose(error, companion)}",
                )


def _purpose(error: _Refusal, name: str) -> str:
    entry = error.schema.get("properties", {}).get(name, {})
    example = json.dumps(entry["examples"][0], ensure_ascii=False) if entry.get("examples") else ""
    return f"for example {name}: {example}." if example else "add it."


def _exactly_one(error: _Refusal) -> str:
    names = [name for arm in error.declared for name in arm["required"]]
    found = [name for name in names if name in error.value]
    return f"found {' and '.join(found) or 'neither'}; exactly one of {_either(names)} has to stand here."


def _at_least_one(error: _Refusal) -> str:
    names = [name for arm in error.declared for name in arm["required"]]
    return f"found neither {' nor '.join(names)}; at least one of them has to stand here."


def _one_source(error: _Refusal) -> str:
    found = _either([key for key in error.value if key in error.schema["properties"]] or ["none of them"])
    return f"found {found}; exactly one of {_either(error.schema['properties'])} has to stand here."


def _unshown(value: Any) -> str:
    if value is None:
        return "nothing"
    return "a list" if isinstance(value, list) else "plain text"


def _repeats(error: _Refusal, path: Path) -> Iterator[Breach]:
    for i, item in enumerate(error.value):
        if item in error.value[:i]:
            yield (
                (*path, i),
                f"{_quoted(item) if isinstance(item, str) else 'this'} stands in the list already.",
            )


def _not_allowed(error: _Refusal, path: Path, texts: Mapping[Path, str], secret: bool) -> str:
    found = _found(error, path, texts, secret)
    allowed = _allowed(error)
    return f"found {found}; allowed: {allowed}.{_correction(error, path, texts)}"


def _found(error: _Refusal, path: Path, texts: Mapping[Path, str], secret: bool) -> str:
    if isinstance(error.value, dict):
        return "an object"
    if isinstance(error.value, list):
        return "a list" if error.value else "an empty list"
    if error.value is None:
        return "nothing"
    takes = error.schema.get("type", "string")
    if secret or takes in ("object", "array"):
        return "text" if isinstance(error.value, str) else "a single value"
    return texts.get(path, str(error.value)) if not isinstance(error.value, str) else _quoted(error.value)


_TYPES: Final = {
    "object": "an object (keys with values)",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "nothing",
}


def _allowed(error: _Refusal) -> str:
    schema = error.schema
    if "errorMessage" in schema:
        return str(schema["errorMessage"])
    if "enum" in schema:
        return ", ".join(schema["enum"])
    if "minimum" in schema:
        return f"a whole number from {schema['minimum']} to {schema['maximum']}"
    if error.keyword in ("minItems", "minProperties"):
        return f"at least one entry, for example {json.dumps(schema['examples'][0])}"
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return " or ".join(_TYPES[name] for name in types)


def _correction(error: _Refusal, path: Path, texts: Mapping[Path, str]) -> str:
    if "enum" in error.schema and isinstance(error.value, str):
        close = did_you_mean(error.value, error.schema["enum"])
        return close if close.startswith(" Did") else ""
    if "KiB" in str(error.schema.get("pattern", "")):
        meant = sizes.suggestion(texts.get(path, ""))
        return f" Did you mean {meant}?" if meant else ""
    return ""


def _advice(path: Path, stack: str | None) -> str:
    """stack: None in a file that others extend, where no secret can be encrypted."""
    at = render(path[1:])
    if stack is None:
        return "a secret is never written openly: take it from outside with {env: NAME} or {file: PATH}."
    return (
        "a secret is never written openly: encrypt it with "
        f"`pulumi config set --secret --path '{at}' --stack {stack}`, "
        "or take it from outside with {env: NAME} or {file: PATH}."
    )


def _either(names: Iterable[str]) -> str:
    *head, last = names
    return f"{', '.join(head)} and {last}" if head else last


def _quoted(text: str) -> str:
    """A value as a sentence shows it; never a pasted key or a password within a URL."""
    if "\n" in text or "PRIVATE KEY" in text:
        return "a text of several lines"
    text = re.sub(r"(?<=//)[^/@]*@", "…@", text)
    return json.dumps(text if len(text) <= 80 else text[:77] + "…", ensure_ascii=False)
