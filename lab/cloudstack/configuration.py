"""Global settings. Those that are not dynamic come into force when the management server is restarted."""

from __future__ import annotations

from lab.cloudstack.commands import Call, command
from lab.cloudstack.errors import invalid
from lab.cloudstack.listing import listed, matching
from lab.ontap.model import Document

ENFORCE = "enforce.post.requests.and.timestamps"
SWIFT_ENABLE = "swift.enable"

_SHOWN = ("category", "group", "subgroup", "name", "value", "defaultvalue", "description", "isdynamic")
_SHOWN_AFTER = ("component", "parent", "displaytext", "type")
_LEGACY_SHOWN = ("category", "name", "value", "description")


@command("listConfigurations")
def list_configurations(call: Call) -> Document:
    """By name or keyword; a name that there is not gives an empty list."""
    rows = matching(call.system.rows("configuration"), call, "name", "category", "group", "subgroup")
    word = call.get("keyword")
    if word:
        rows = [row for row in rows if word in row["name"]]
    return listed(
        call, "configuration", [view(call, row) for row in sorted(rows, key=lambda row: row["name"])]
    )


@command("updateConfiguration", required=("name",))
def update_configuration(call: Call) -> Document:
    """Change a value; the type is checked, and nothing tells when it comes into force but `isdynamic`."""
    name, value = call.params["name"], call.get("value")
    row = next((each for each in call.system.rows("configuration") if each["name"] == name), None)
    if row is None:
        raise invalid(f"Config parameter with name {name} doesn't exist")
    if value is None and not call.system.legacy:
        raise invalid(f"The new value for the [{name}] configuration must be given.")
    if row["type"] == "Number" and not (value or "").lstrip("-").isdigit():
        raise invalid(f"Value [{value}] is not a valid [class java.lang.Integer].")
    if row["type"] == "Boolean" and (value or "").lower() not in ("true", "false"):
        # Not observed on 4.23: the words.
        raise invalid(f"Please enter either 'true' or 'false' for parameter {name}.")
    row["value"] = value
    if row["isdynamic"]:
        call.system.in_force[name] = row["value"]
    return {"configuration": view(call, row)}


def view(call: Call, row: Document) -> Document:
    """A setting; legacy answers know neither `isdynamic` nor types."""
    shown = _LEGACY_SHOWN if call.system.legacy else _SHOWN + _SHOWN_AFTER
    return {name: row[name] for name in shown if row.get(name) is not None}
