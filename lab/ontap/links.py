"""HAL links: `_links.self` of records and of the objects they refer to (facts: ontap 5)."""

from __future__ import annotations

from typing import Any

from lab.ontap.model import Collection, Document


def wants_links(accept: str | None) -> bool:
    """`Accept: application/json` gets plain records; anything else, `*/*` too, gets HAL."""
    return (accept or "").strip().lower() != "application/json"


def href(collection: Collection, document: Document) -> str:
    """The path of one record."""
    path = collection.path
    if collection.single:
        return path
    for name in collection.keys:
        placeholder = "{" + name + "}"
        value = str(document[name])
        path = path.replace(placeholder, value) if placeholder in path else f"{path}/{value}"
    return path


def add_links(collection: Collection, document: Document, record: dict[str, Any]) -> None:
    """Link the record to itself and each object it names to that object's own page."""
    record["_links"] = {"self": {"href": href(collection, document)}}
    for name, path in collection.references.items():
        target: Any = record
        for part in name.split("."):
            target = target.get(part) if isinstance(target, dict) else None
        for item in target if isinstance(target, list) else [target]:
            key = isinstance(item, dict) and (item.get("uuid") or item.get("id"))
            if key:
                item["_links"] = {"self": {"href": f"{path}/{key}"}}
