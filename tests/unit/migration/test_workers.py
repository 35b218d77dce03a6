"""The seam to Glance's processes, with real ones: a parent and its workers that heed SIGHUP as was measured of glance-api 31."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from strata.clients import glance_scripts
from strata.migration import effect, service, workers
from strata.migration.workers import NotTaken, Parent, Process, Unfit

GLANCE = """
import os, signal, socket, sys, time
told = []
def hup(*_):
    told.append(1)
busy = sys.argv[sys.argv.index("--busy") + 1] if "--busy" in sys.argv else ""
listening = socket.create_server(("127.0.0.1", 0))
def serve():
    done = []
    signal.signal(signal.SIGHUP, lambda *_: done.append(1))
    listening.settimeout(0.05)
    while not done:
        try:
            api, _ = listening.accept()
            api.recv(1000)
            api.sendall(b"HTTP/1.0 300 \\r\\n\\r\\n")
            api.close()
        except OSError:
            pass
    listening.close()
    while busy and os.path.exists(busy):
        time.sleep(0.02)
    os._exit(0)
def begin():
    pid = os.fork()
    if pid == 0:
        serve()
begin()
signal.signal(signal.SIGHUP, hup)
print(listening.getsockname()[1], flush=True)
while True:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        pass
    if not told:
        time.sleep(0.02)
        continue
    if "--ends" in sys.argv:
        sys.exit(1)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    told.clear()
    os.killpg(0, signal.SIGHUP)
    begin()
    signal.signal(signal.SIGHUP, hup)
"""


class Running:
    """That program with these options, as the service of the host."""

    def __init__(
        self, root: Path, patch: pytest.MonkeyPatch, *options: str, name: str = "glance-api"
    ) -> None:
        program, self.config, self.new = root / name, root / "glance-api.conf", root / "new"
        program.write_text(GLANCE)
        self.config.touch()
        self.new.mkdir()
        words = [sys.executable, str(program), "--config-file", str(self.config), *options]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, start_new_session=True)
        # What a test has run before may not be fetched yet; the real parent fetches its own.
        threading.Thread(target=self.process.wait, daemon=True).start()
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.process.stdout.close()
        # Its worker heeds signals once it serves.
        assert service.answers("127.0.0.1", self.port)
        patch.setattr(service, "systemctl", lambda *words, **more: (0, str(self.process.pid)))

    def find(self) -> Parent:
        return workers.find("glance-api", str(self.config), str(self.new))

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Running]]:
    started: list[Running] = []
    yield started
    for one in started:
        one.end()


def test_it_is_told_and_its_old_workers_end(
    begun: list[Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun.append(Running(tmp_path, monkeypatch))
    parent = begun[0].find()
    assert parent.main.pid == begun[0].process.pid
    (old,) = parent.children
    workers.reload(parent)
    workers.wait("glance-api", parent, "127.0.0.1", begun[0].port, 20)
    assert workers.drain(parent.children, "127.0.0.1", begun[0].port, 20) == 0
    now = begun[0].find()
    assert now.main == parent.main
    assert old not in now.children
    assert not workers.alive(old)


def test_an_old_worker_that_takes_too_long_is_ended(
    begun: list[Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "busy").touch()
    begun.append(Running(tmp_path, monkeypatch, "--busy", str(tmp_path / "busy")))
    parent = begun[0].find()
    workers.reload(parent)
    workers.wait("glance-api", parent, "127.0.0.1", begun[0].port, 20)
    assert workers.alive(parent.children[0]), "it has not answered its last request yet"
    assert workers.drain(parent.children, "127.0.0.1", begun[0].port, 0) == 1
    assert not workers.alive(parent.children[0])


def test_one_that_ends_is_seen(begun: list[Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun.append(Running(tmp_path, monkeypatch, "--ends"))
    parent = begun[0].find()
    workers.reload(parent)
    with pytest.raises(NotTaken, match="ended when it read its configuration again"):
        workers.wait("glance-api", parent, "127.0.0.1", 9, 20)
    with pytest.raises(NotTaken, match="ended before it was told"):
        workers.reload(parent)


def test_one_that_never_answers_is_given_up(
    begun: list[Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun.append(Running(tmp_path, monkeypatch))
    with pytest.raises(NotTaken, match="no new worker answered"):
        workers.wait("glance-api", begun[0].find(), "127.0.0.1", begun[0].port, 0)


def test_another_server_is_no_glance_that_can_be_told(
    begun: list[Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun.append(Running(tmp_path, monkeypatch, name="uwsgi"))
    with pytest.raises(Unfit, match="not Glance's own server"):
        begun[0].find()


def test_a_stranger_in_its_group_would_be_hit_too(
    begun: list[Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun.append(Running(tmp_path, monkeypatch))
    group = begun[0].process.pid
    # A process may join a group of its own session only, so the look at everybody is what is changed here.
    everybody = workers._everybody
    monkeypatch.setattr(workers, "_everybody", lambda: [*everybody(), Process(1 << 22, 1, 1, group)])
    with pytest.raises(Unfit, match="other programs belong to its process group"):
        begun[0].find()


@pytest.mark.parametrize(
    ("given", "file", "expected", "because"),
    [
        (["--config-file", "/a/b.conf"], "/a/b.conf", True, "named"),
        (["--config-file=/a/b.conf"], "/a/b.conf", True, "named in one word"),
        (["--config-file=/a/c.conf"], "/a/b.conf", False, "another is named"),
        (["--config-dir=/a"], "/a/b.conf", True, "its folder is named"),
        (["--config-file=/x", "--config-dir", "/a"], "/a/b.conf", True, "beside a file"),
        ([], "/etc/glance/glance-api.conf", True, "the one that Glance looks for by itself"),
        ([], "/etc/glance/glance-api.conf.d/50.conf", True, "and its folder"),
        ([], "/srv/other.conf", False, "Glance never looks there"),
    ],
)
def test_which_files_it_reads(given: list[str], file: str, expected: bool, because: str) -> None:
    assert workers._reads_file(["python3", "/usr/bin/glance-api", *given], file) is expected, because


def test_a_service_that_does_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(service, "systemctl", lambda *words, **more: (0, "0"))
    with pytest.raises(Unfit, match="does not run"):
        workers.find("glance-api", "/etc/glance/glance-api.conf", str(tmp_path))


def test_a_process_that_heeds_no_signal_is_not_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With workers = 0 the default counts, and SIGHUP would end Glance."""
    program = tmp_path / "glance-api"
    program.write_text("import time; print(1, flush=True); time.sleep(60)")
    words = [sys.executable, str(program), "--config-file", str(program)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        monkeypatch.setattr(service, "systemctl", lambda *words, **more: (0, str(process.pid)))
        with pytest.raises(Unfit, match="does not heed SIGHUP"):
            workers.find("glance-api", str(program), str(tmp_path))
        process.kill()


def test_another_directory_behind_the_same_path(
    begun: list[Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service with mounts of its own may not see the volume."""
    begun.append(Running(tmp_path, monkeypatch))
    with pytest.raises(Unfit, match="does not see"):
        workers.find("glance-api", str(begun[0].config), str(tmp_path / "nowhere"))
    stat = os.stat
    monkeypatch.setattr(
        os, "stat", lambda path, **more: stat("/") if "/root/" in str(path) else stat(path, **more)
    )
    with pytest.raises(Unfit, match="sees another"):
        begun[0].find()


def test_the_note_names_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effect, "FOLDER", [str(tmp_path / "run")])
    effect.note("glance-api", Process(12, 345), "/glance/images")
    assert (tmp_path / "run" / "reloaded-glance-api").read_text() == "12 345\n/glance/images\n"
    monkeypatch.setattr(effect, "FOLDER", ["/proc/none"])
    effect.note("glance-api", Process(12, 345), None)  # no room for a note is no reason to stop Glance


@pytest.mark.parametrize(
    ("later", "expected", "because"),
    [
        (0, "/glance/images", "of the process that runs"),
        (1, "/at/its/start", "of another with the same number: the environment speaks"),
    ],
)
def test_a_look_at_the_host_believes_the_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: int, expected: str, because: str
) -> None:
    monkeypatch.setattr(effect, "FOLDER", [str(tmp_path)])
    variable = {**os.environ, "VARIABLE": "/at/its/start"}
    with subprocess.Popen(["sleep", "60"], env=variable, start_new_session=True) as process:
        now = workers._process(process.pid)
        assert now is not None
        effect.note("glance-api", Process(now.pid, now.started + later), "/glance/images")
        given = f"unit='MainPID={process.pid}' service=glance-api\n"
        script = given + glance_scripts.LOOK["started"].replace("NOTES", str(tmp_path))
        said = subprocess.run(["sh", "-euc", script], capture_output=True, text=True, check=True)
        process.kill()
    assert (said.stdout.strip(), said.stderr) == (expected, ""), because


@pytest.mark.parametrize(
    ("options", "variable", "expected", "because"),
    [
        ([], "", "/new", "as the file says that was written"),
        (["--config-file", "{site}"], "", "/site", "a later file of its command line counts"),
        (["--config-dir={folder}"], "", "/site", "and so does a folder"),
        ([], "/of/the/unit", "/of/the/unit", "and a variable above all of them"),
        (["--config-file={site}.none"], "", None, "Glance would go on with its old settings"),
    ],
)
def test_what_glance_will_find_set(
    begun: list[Running],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    variable: str,
    expected: str | None,
    because: str,
) -> None:
    pytest.importorskip("oslo_config")
    monkeypatch.setattr(os, "geteuid", lambda: 1)
    folder = tmp_path / "site.d"
    folder.mkdir()
    site = folder / "site.conf"
    site.write_text("[glance_store]\nfilesystem_store_datadir = /site\n")
    with monkeypatch.context() as environment:
        if variable:
            environment.setenv("OS_GLANCE_STORE__FILESYSTEM_STORE_DATADIR", variable)
        words = [one.format(site=site, folder=folder) for one in options]
        begun.append(Running(tmp_path, monkeypatch, *words))
    monkeypatch.setenv("OS_GLANCE_STORE__FILESYSTEM_STORE_DATADIR", "/of/our/own")
    begun[0].config.write_text("[glance_store]\nfilesystem_store_datadir = /new\n")
    found = workers.reads(begun[0].find(), "glance_store", "filesystem_store_datadir")
    assert found == expected, because


def test_of_one_that_is_gone_nothing_is_read() -> None:
    assert workers.reads(Parent(Process(1 << 22, 1), ()), "glance_store", "filesystem_store_datadir") is None
