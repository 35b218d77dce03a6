"""Remote commands against an SSH server in this process, without the engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from strata.errors import Failed
from tests.acceptance.engine.command_site import SshHost, ssh_host
from tests.unit.command.test_running import Heard
from tools.command import remote_run


@pytest.fixture
def host() -> Iterator[SshHost]:
    with ssh_host() as host:
        yield host


def _to(host: SshHost, **more: Any) -> dict[str, Any]:
    at = {"host": "127.0.0.1", "port": float(host.port), "user": "operator", "dialErrorLimit": 0.0}
    return {**at, "privateKey": host.user_key, "hostKey": host.host_key, **more}


async def _run(
    host: SshHost, command: str, heard: Heard, previous: Any = None, **more: Any
) -> dict[str, Any]:
    inputs = {"connection": _to(host), **more}
    return await remote_run.run("remote.Command c", command, inputs, previous or {}, heard.says)


async def test_variable_that_the_host_drops_fails_before_the_command_is_run(host: SshHost) -> None:
    with pytest.raises(Failed, match=r"could not set OTHER on 127\.0\.0\.1: .* AcceptEnv"):
        await _run(host, "echo ran", Heard(), environment={"OTHER": "1", "LANG": "C"})
    assert host.commands == []


async def test_last_output_that_the_host_drops_is_a_warning(host: SshHost) -> None:
    heard = Heard()
    found = await _run(host, "echo $PULUMI_COMMAND_STDOUT", heard, {"stdout": "one", "stderr": "two"})
    assert found["stdout"] == "one"
    assert [line.split()[5] for line in heard.warnings] == ["PULUMI_COMMAND_STDERR"]


async def test_command_over_a_bastion_host(host: SshHost) -> None:
    with ssh_host() as bastion:
        found = await _run(host, "echo inside", Heard(), connection=_to(host, proxy=_to(bastion)))
    assert found["stdout"] == "inside"
    assert bastion.commands == []


async def test_much_output_on_both_streams_comes_whole(host: SshHost) -> None:
    command = "i=0; while [ $i -lt 20000 ]; do echo $i; echo $i >&2; i=$((i+1)); done"
    found = await _run(host, command, Heard(), logging="none")
    assert found["stdout"] == found["stderr"] == "\n".join(map(str, range(20000)))
