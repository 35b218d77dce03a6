"""Which inputs a resource takes, what is filled in, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_command import remote

from tools.command import wire
from tools.command.properties import COPY_TO_REMOTE, INPUTS, LOCAL_COMMAND, REMOTE_COMMAND, RUN, checked
from tools.command.schema import schema

HOST = {"host": "kvm01"}


def test_connection_gets_its_defaults_and_becomes_secret() -> None:
    inputs, refusals = checked(REMOTE_COMMAND, {"connection": HOST, "create": "true"})
    assert refusals == []
    assert wire.is_secret(inputs["connection"])
    assert wire.reveal(inputs["connection"]) == {
        "host": "kvm01",
        "port": 22.0,
        "user": "root",
        "dialErrorLimit": 10.0,
        "perDialTimeout": 15.0,
    }
    assert inputs["addPreviousOutputInEnv"] is True


def test_marks_inside_a_connection_stay_and_it_is_marked_once() -> None:
    given = wire.secret({"host": "kvm01", "password": wire.secret("canary")})
    inputs, _ = checked(REMOTE_COMMAND, {"connection": given})
    assert wire.is_secret(inputs["connection"]["value"]["password"])
    assert not wire.is_secret(inputs["connection"]["value"])


def test_unknown_values_pass() -> None:
    inputs, refusals = checked(LOCAL_COMMAND, {"create": wire.UNKNOWN, "environment": wire.UNKNOWN})
    assert refusals == []
    assert inputs["create"] == wire.UNKNOWN


@pytest.mark.parametrize(
    ("token", "given", "path", "because"),
    [
        (LOCAL_COMMAND, {"create": 1.0}, "create", "a command is text"),
        (LOCAL_COMMAND, {"environment": {"A": 1.0}}, "environment", "a variable's value is text"),
        (LOCAL_COMMAND, {"interpreter": "bash -c"}, "interpreter", "the interpreter is a list of words"),
        (
            LOCAL_COMMAND,
            {"addPreviousOutputInEnv": "yes"},
            "addPreviousOutputInEnv",
            "a text is no truth value",
        ),
        (REMOTE_COMMAND, {}, "connection", "without a connection there is no host"),
        (REMOTE_COMMAND, {"connection": {"user": "root"}}, "connection.host", "the host has no default"),
        (
            REMOTE_COMMAND,
            {"connection": {**HOST, "dialErrorLimit": 1.5}},
            "connection.dialErrorLimit",
            "tries are whole",
        ),
        (
            COPY_TO_REMOTE,
            {"connection": HOST, "remotePath": "/x", "source": "text"},
            "source",
            "a text is no asset",
        ),
        (RUN, {}, "command", "there is nothing to run"),
    ],
)
def test_what_cannot_be_right_is_refused(token: str, given: dict[str, Any], path: str, because: str) -> None:
    _, refusals = checked(token, given)
    assert [each.property for each in refusals] == [path], because


def test_every_property_of_the_package_is_there() -> None:
    """The table against the package's own classes, so that neither forgets one."""
    names = {
        name
        for name in vars(remote.ConnectionArgs)
        if isinstance(getattr(remote.ConnectionArgs, name), property)
    }
    ours = INPUTS[REMOTE_COMMAND]["connection"].inside
    assert {_snake(name) for name in ours} == names
    arguments = {
        name for name in vars(remote.CommandArgs) if isinstance(getattr(remote.CommandArgs, name), property)
    }
    assert {_snake(name) for name in INPUTS[REMOTE_COMMAND]} == arguments


def test_schema_marks_what_is_secret_and_what_replaces() -> None:
    inputs = schema()["resources"][REMOTE_COMMAND]["inputProperties"]
    assert inputs["connection"]["secret"] is True
    assert inputs["triggers"]["replaceOnChanges"] is True
    assert "replaceOnChanges" not in inputs["create"]


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
