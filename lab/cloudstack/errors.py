"""Refusals as CloudStack words and numbers them: an HTTP status, its own number for the kind of exception, a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

INVALID_PARAMETER = 4350
RUNTIME = 4250
PERMISSION = 4365
PLAIN = 9999

UNVERIFIED = "unable to verify user credentials and/or request signature"
UNVERIFIED_SESSION = "unable to verify user credentials"


class ApiError(Exception):
    """One refusal. `cs` is the cserrorcode, None where the server leaves it out; `uuids` fills uuidList."""

    def __init__(
        self, status: int, text: str, cs: int | None = PLAIN, uuids: Sequence[dict[str, str]] = ()
    ) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.cs = cs
        self.uuids = list(uuids)
        self.wrapper: str | None = None

    def document(self) -> dict[str, Any]:
        """The body below the wrapper."""
        body: dict[str, Any] = {"uuidList": self.uuids, "errorcode": self.status}
        if self.cs is not None:
            body["cserrorcode"] = self.cs
        return {**body, "errortext": self.text}

    @property
    def headers(self) -> dict[str, str]:
        """X-Description repeats the text, but not on 401, on failed logins and in the enforced mode's 400."""
        if self.cs is None or self.status not in (431, 432, 530, 531):
            return {}
        return {"X-Description": " ".join(self.text.encode("latin-1", "replace").decode("latin-1").split())}


def invalid(text: str) -> ApiError:
    """A value that the command's own checks refuse: 431/4350."""
    return ApiError(431, text, INVALID_PARAMETER)


def failed(text: str, cs: int = RUNTIME, uuids: Sequence[dict[str, str]] = ()) -> ApiError:
    """What the server could not do: 530."""
    return ApiError(530, text, cs, uuids)


def unauthorized(text: str = UNVERIFIED) -> ApiError:
    """401: one answer for a wrong key, a bad signature, an expired request and, signed, an unknown command."""
    return ApiError(401, text, None)


def missing(command: str, name: str) -> ApiError:
    """A required parameter is absent."""
    return ApiError(431, f"Unable to execute API command {command} due to missing parameter {name}")


def no_such_entity(command: str, name: str, value: str) -> ApiError:
    """A uuid that names nothing, or is none: the same words for every uuid parameter of every command."""
    return ApiError(
        431,
        f"Unable to execute API command {command} due to invalid value. Invalid parameter {name} value={value} "
        "due to incorrect long value format, or entity does not exist or due to incorrect parameter annotation "
        "for the field in api cmd class.",
    )
