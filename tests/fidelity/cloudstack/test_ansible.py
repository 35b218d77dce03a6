"""The life of a cloud, driven by Ansible's ngine_io.cloudstack 2.5.0, as an operator's playbooks would.

The staging store has no module and is left out; the Swift store goes through the library beneath the modules, because
cs_image_store wants a zone and knows no details. The environment is made once, by the first run of these tests.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from lab.cloudstack.testing import RunningCloudStack, running
from lab.http.clock import RealClock
from tools.setup.ansible_environment import AnsibleEnvironment
from tools.setup.checkout import Checkout

ROOT = Path(__file__).resolve().parents[3]
LOOKING = "that are there"
PLAYBOOKS = Path(__file__).parent / "playbooks"


@pytest.fixture(scope="module")
def ansible() -> Path:
    """The folder of its environment."""
    return AnsibleEnvironment(Checkout(ROOT)).ready()


def play(ansible: Path, cloud: RunningCloudStack, name: str, method: str, folder: Path) -> dict[str, str]:
    """Run a playbook to its end: what became of each task, by its name."""
    access = {
        "CLOUDSTACK_ENDPOINT": cloud.endpoint,
        "CLOUDSTACK_KEY": cloud.api_key,
        "CLOUDSTACK_SECRET": cloud.secret_key,
        "CLOUDSTACK_METHOD": method,
    }
    home = {"HOME": str(folder), "NO_PROXY": "127.0.0.1", "LANG": "C.UTF-8"}
    settings = {
        "ANSIBLE_COLLECTIONS_PATH": str(ansible / "collections"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PYTHON_INTERPRETER": str(ansible / "bin" / "python"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_DEPRECATION_WARNINGS": "false",
    }
    programs = ansible / "bin"
    playbook = str(PLAYBOOKS / f"{name}.yml")
    ran = subprocess.run(
        [str(programs / "ansible-playbook"), "-i", "localhost,", "-e", f"cs={programs}/cs", playbook],
        env={**os.environ, **access, **home, **settings},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
    return became(ran.stdout)


def became(printed: str) -> dict[str, str]:
    """changed, ok or skipping, by the task's name, from what ansible-playbook prints."""
    found: dict[str, str] = {}
    for name, said in re.findall(r"^TASK \[(.+?)\] \*+\n((?:.*\n)*?)\n", printed, re.MULTILINE):
        words = re.findall(r"^(changed|ok|skipping): \[localhost\]", said, re.MULTILINE)
        found[name] = "changed" if "changed" in words else words[0]
    return found


@pytest.mark.parametrize("method", ["post", "get"])
def test_life_of_a_cloud(ansible: Path, tmp_path: Path, method: str) -> None:
    with running(tmp_path, RealClock()) as cloud:
        first = play(ansible, cloud, "make", method, tmp_path)
        made = {name: what for name, what in first.items() if not name.endswith(LOOKING)}
        assert set(made.values()) == {"changed"}, made
        zone = cloud.ask("listZones")["zone"][0]
        assert (zone["name"], zone["allocationstate"]) == ("zone1", "Enabled")
        before = len(cloud.writes())
        second = play(ansible, cloud, "make", method, tmp_path)
        assert "changed" not in second.values(), second
        assert [entry.query["command"] for entry in cloud.writes()[before:]] == []
        play(ansible, cloud, "unmake", method, tmp_path)
        assert cloud.ask("listZones") == cloud.ask("listImageStores") == {}
