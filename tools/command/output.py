"""What a command prints, gathered as it comes: both streams for the state, the two together for a failure, lines for the log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from strata.errors import Failed

Stream = Literal["stdout", "stderr"]
Line = Callable[[str], Awaitable[None]]

PREVIOUS: Final[Mapping[Stream, str]] = {"stdout": "PULUMI_COMMAND_STDOUT", "stderr": "PULUMI_COMMAND_STDERR"}
LOGGED: Final[Mapping[str | None, tuple[Stream, ...]]] = {
    None: ("stdout", "stderr"),
    "stdoutAndStderr": ("stdout", "stderr"),
    "stdout": ("stdout",),
    "stderr": ("stderr",),
}


@dataclass
class Output:
    """`log` gets every line of the streams that `logging` names, as it is complete."""

    log: Line
    logging: str | None = None
    _streams: dict[Stream, bytearray] = field(
        default_factory=lambda: {"stdout": bytearray(), "stderr": bytearray()}
    )
    _together: bytearray = field(default_factory=bytearray)
    _begun: dict[Stream, bytes] = field(default_factory=dict)

    async def take(self, stream: Stream, chunk: bytes) -> None:
        """A piece of a stream; empty at its end."""
        self._streams[stream] += chunk
        self._together += chunk
        if stream not in LOGGED.get(self.logging, ()):
            return
        *lines, rest = (self._begun.get(stream, b"") + chunk).split(b"\n")
        if not chunk and rest:
            lines, rest = [rest], b""
        self._begun[stream] = rest
        for line in lines:
            await self.log(line.decode(errors="replace").rstrip("\r"))

    def texts(self) -> dict[str, str]:
        """Both streams, each without one trailing line feed."""
        return {name: _text(content).removesuffix("\n") for name, content in self._streams.items()}

    def failure(self, what: str, ended: str) -> Failed:
        """The sentence for a command that did not succeed, with all that it said."""
        said = _text(self._together).rstrip("\n")
        return Failed(f"{what} {ended}. " + (f"It said:\n{said}" if said else "It said nothing."))


def environment_of(inputs: Mapping[str, Any]) -> dict[str, str]:
    """The variables that were declared."""
    return dict(inputs.get("environment") or {})


def previous_of(inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> dict[str, str]:
    """What the last run printed, as variables for the next; an empty stream sets none."""
    if not inputs.get("addPreviousOutputInEnv", True):
        return {}
    return {variable: outputs[name] for name, variable in PREVIOUS.items() if outputs.get(name)}


def _text(content: bytes | bytearray) -> str:
    return content.decode(errors="replace")
