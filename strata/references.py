"""Values that a stack file takes from outside: `{env: NAME}` and `{file: PATH}`.

They are resolved where they are used, in the provider, so that neither a value nor its digest stands in the plan or the state
and a rotated password or a new port changes no resource.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from strata.errors import Failed

Reference = Mapping[str, str]
"""`{"env": NAME}` or `{"file": PATH}`; a path is relative to the project folder, the one that holds Pulumi.yaml."""


def resolve(value: object, what: str, root: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The text behind `value`, which is plain (string or number) or a reference.

    what: how to name the value in an error, e.g. `password of ONTAP cluster cluster01`.
    Raises Failed when the variable is not set or the file cannot be read; the message never holds file content.
    """
    if isinstance(value, Mapping):
        return _resolve_reference(value, what, root, environ)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Failed(f"The {what} is neither text nor {{env: NAME}} nor {{file: PATH}}.")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _resolve_reference(
    value: Mapping[object, object], what: str, root: Path, environ: Mapping[str, str]
) -> str:
    if set(value) == {"env"}:
        name = str(value["env"])
        if name not in environ:
            raise Failed(
                f"The {what} is taken from the environment variable {name}, which is not set: export {name} and repeat."
            )
        return environ[name]
    if set(value) == {"file"}:
        path = root / str(value["file"])
        try:
            return path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise Failed(
                f"The {what} is taken from the file {value['file']}, which cannot be read: {reason}."
            ) from error
    raise Failed(
        f"The {what} must be text, {{env: NAME}} or {{file: PATH}}; found an object with {', '.join(map(str, value))}."
    )
