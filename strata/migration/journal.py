"""The journal of one move: a folder on the host that survives SIGKILL and power off at any point.

state.json      the phase that is at work, counters, bytes, times; replaced whole. Nothing depends on it: it is for who looks on
copied.jsonl    one line for each copy that was read back and found right; only ever appended
locations.json  the locations' values before and after `locate`; replaced whole
setting.json    what the setting and the drop-in were before a cutover, and whether that cutover came to its end; replaced whole
cutover.json    the images that there were before a cutover, for `prove`; replaced whole
lock            held by the one command that works
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from strata.migration import points, watching
from strata.migration.failure import Stopped, words


@dataclass(frozen=True)
class Proof:
    """A copy that was read back from the target: what source and target were then (bytes, nanoseconds), and its hash."""

    file: str
    image: str
    source: str
    size: int
    mtime_ns: int
    target_mtime_ns: int
    algorithm: str
    digest: str


def sync_folder(folder: str) -> None:
    """Makes a rename or a removal in the folder last."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: str, document: Any, *, sync: bool = True) -> None:
    """The document instead of the old one, or the old one; never a part. Without sync a power failure may leave nothing of it."""
    new = f"{path}.new"
    with open(new, "w", encoding="utf-8") as out:
        json.dump(document, out, indent=1)
        out.flush()
        if sync:
            os.fsync(out.fileno())
    os.replace(new, path)
    if sync:
        sync_folder(os.path.dirname(path))


def _take(handle: int, kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _take_soon(handle: int) -> bool:
    for _ in range(4):
        time.sleep(0.05)
        if _take(handle):
            return True
    return False


class Journal:
    """The folder of one move; made at the first write."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._copied: int | None = None

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def read(self, name: str) -> Any:
        """The document, None where there is none."""
        try:
            with open(self.path(name), encoding="utf-8") as text:
                return json.load(text)
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise Stopped(
                f"The journal {self.path(name)} can't be read ({error}). Nothing was changed. Put it back from a backup, or "
                "begin under a new name: what was copied is found and verified again."
            ) from error

    def write(self, name: str, document: Any, *, sync: bool = True) -> None:
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        write_whole(self.path(name), document, sync=sync)
        points.reach("state.written", name)

    def state(self) -> dict[str, Any]:
        """What was noted last; nothing where a power failure left nothing of it."""
        try:
            found = self.read("state.json")
        except Stopped:
            return {}
        return found if isinstance(found, dict) else {}

    def note(self, **changes: Any) -> None:
        """Changes those keys of the state. Not synced: Glance may stand still meanwhile, and a sync costs a tenth of a second."""
        self.write("state.json", {**self.state(), **changes}, sync=False)

    def begin(self, phase: str, **more: Any) -> None:
        """Notes the phase before the first act of it."""
        watching.beat()
        self.note(phase=phase, pid=os.getpid(), ended=None, problems=[], **more)

    def proofs(self) -> dict[str, Proof]:
        """File name -> the last proof of it. A line that was cut off by a power failure counts as never written."""
        found: dict[str, Proof] = {}
        try:
            with open(self.path("copied.jsonl"), encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    try:
                        fields = json.loads(line)
                        proof = None if "gone" in fields else Proof(**fields)
                    except (ValueError, TypeError):
                        continue
                    if proof is None:
                        found.pop(fields["gone"], None)
                    else:
                        found[proof.file] = proof
        except FileNotFoundError:
            pass
        return found

    def prove(self, proof: Proof, *, sync: bool = True) -> None:
        """Without sync a power failure may take the line, but not the end of this process."""
        self._append(asdict(proof), sync)

    def forget(self, file: str) -> None:
        """That copy is no more."""
        self._append({"gone": file}, True)

    def sync_proofs(self) -> None:
        """What `prove` has written lasts."""
        if self._copied is not None:
            os.fsync(self._copied)

    def _append(self, fields: dict[str, Any], sync: bool) -> None:
        watching.beat()
        # The line feed comes first: what a power failure left of the line before stays a line of its own.
        line = ("\n" + json.dumps(fields)).encode()
        if self._copied is None:
            self._copied = os.open(self.path("copied.jsonl"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            sync_folder(self.folder)
        os.write(self._copied, line)
        if sync:
            os.fsync(self._copied)

    def working(self) -> bool:
        """Whether a command holds the lock."""
        try:
            handle = os.open(self.path("lock"), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            return not _take(handle, fcntl.LOCK_SH)
        finally:
            os.close(handle)

    @contextmanager
    def locked(self, doing: str) -> Iterator[None]:
        """Only one command works at a time; the kernel gives the lock back when its process dies."""
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            handle = os.open(self.path("lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Stopped(
                f"The journal {self.folder} can't be written: {words(error)}. Nothing was changed."
            ) from error
        try:
            # `status` holds the lock for an instant to see whether it is free.
            if not (_take(handle) or _take_soon(handle)):
                raise Stopped(
                    f"{doing} was not begun: another command of this move ({self.folder}) is at work, process "
                    f"{self.state().get('pid', 'unknown')}. Wait for its end; `progress` says how far it is."
                )
            yield
        finally:
            os.close(handle)
            if self._copied is not None:
                os.close(self._copied)
                self._copied = None
