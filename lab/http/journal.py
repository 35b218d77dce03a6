"""What was asked of an emulator, request by request: in memory and as JSON lines in a file. Never a credential."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_SECRET = re.compile(r"password|passphrase|secret|token|private_key|authorization", re.IGNORECASE)


@dataclass(frozen=True)
class Entry:
    """One request. `status` is None when the client was left without an answer. `write` is true for all but GET."""

    seq: int
    time: float
    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int | None
    client: str
    duration_ms: float
    write: bool


class Journal:
    """The entries in order; numbers go on after a restart and after a clearing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._entries: list[Entry] = _read(path)
        self._seq = self._entries[-1].seq if self._entries else 0

    def add(self, **what: Any) -> Entry:
        """Write one down; `seq` is filled in, `write` too if it is not given, secrets are struck out."""
        with self._lock:
            self._seq += 1
            what["body"] = redacted(what["body"])
            entry = Entry(seq=self._seq, **{"write": what["method"] != "GET", **what})
            self._entries.append(entry)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(entry)) + "\n")
            return entry

    def entries(self, since: int = 0, writes: bool = False) -> list[Entry]:
        """Those after `since`; only the writes if asked."""
        with self._lock:
            return [each for each in self._entries if each.seq > since and (each.write or not writes)]

    @property
    def last(self) -> int:
        """The number of the newest entry."""
        return self._seq

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            self._entries.clear()
            self._path.write_text("", encoding="utf-8")


def redacted(body: Any) -> Any:
    """The body with every value under a secret's name struck out."""
    if isinstance(body, dict):
        return {k: "***" if _SECRET.search(str(k)) else redacted(v) for k, v in body.items()}
    if isinstance(body, list):
        return [redacted(each) for each in body]
    return body


def _read(path: Path) -> list[Entry]:
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Entry(**json.loads(line)) for line in lines if line.endswith("}")]
