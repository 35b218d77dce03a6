"""What set-up decides, tested without doing it: versions, lists, lock files, the activation block, stamps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.setup import activation, engine_official, go_toolchain, machine, stamps
from tools.setup.python_environment import count_packages, parse_console_script
from tools.setup.refusal import SetupRefused
from tools.setup.system_packages import parse_installed, parse_list

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("version", "fits", "because"),
    [
        ("v3.250.0", True, "it is the pinned one"),
        ("v3.251.4", True, "later releases of one major line speak to the same SDK"),
        ("v3.249.9", False, "the exit code of --expect-no-changes and more came after it"),
        ("v3.99.0", False, "versions are numbers: 99 is less than 250"),
        ("v4.0.0", False, "another major line promises nothing"),
        ("v3.260.0-dev.0", True, "a development build of a later release is later"),
        ("", False, "a pulumi that says nothing is not used"),
    ],
)
def test_official_engine_fits(version: str, fits: bool, because: str) -> None:
    assert engine_official.fits(version) is fits, because


@pytest.mark.parametrize(
    ("answer", "version", "because"),
    [
        ("go version go1.26.8 linux/amd64", (1, 26), "the usual answer"),
        ("go version go1.27rc1 linux/amd64", (1, 27), "a release candidate has no third number"),
        ("go version devel +abc", None, "a development build does not say what it is"),
        ("", None, "a wrapper that fails prints nothing"),
    ],
)
def test_go_version(answer: str, version: tuple[int, int] | None, because: str) -> None:
    assert go_toolchain.parse_version(answer) == version, because


def test_package_list_knows_comments_and_blank_lines() -> None:
    assert parse_list("# why\ncurl\n\nqemu-utils  # for qemu-img\n") == ["curl", "qemu-utils"]


def test_removed_package_with_configuration_left_is_missing() -> None:
    answer = "installed curl\nconfig-files nfs-ganesha\nnot-installed socat\n"
    assert parse_installed(answer) == {"curl"}


LOCKS = [("requirements", 40), ("swift", 60)]


@pytest.mark.parametrize(("name", "at_least"), LOCKS)
def test_lock_pins_every_package_with_a_hash(name: str, at_least: int) -> None:
    lock = (ROOT / "requirements" / f"{name}.txt").read_text()
    blocks = [block for block in lock.replace("\\\n", " ").splitlines() if not block.startswith("#")]
    assert len(blocks) == count_packages(lock) > at_least
    assert [block for block in blocks if "==" not in block or "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("name", [name for name, _ in LOCKS])
def test_lock_holds_everything_that_is_asked_for(name: str) -> None:
    def canonical(asked: str) -> str:
        return re.split(r"==|\[", asked)[0].lower().replace("_", "-")

    asked = parse_list((ROOT / "requirements" / f"{name}.in").read_text())
    locked = {
        canonical(line)
        for line in (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
        if "==" in line
    }
    assert {canonical(each) for each in asked} - locked == set()


def test_engine_and_sdk_are_of_one_version() -> None:
    modules = (ROOT / "tools" / "engine" / "cli" / "go.mod").read_text()
    lock = (ROOT / "requirements" / "requirements.txt").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 {engine_official.VERSION}" in modules
    assert f"\npulumi=={engine_official.VERSION.removeprefix('v')} " in lock


def test_console_script_is_read_from_the_project_file() -> None:
    assert parse_console_script('[project.scripts]\nstrata = "a.b:main"\n', "strata") == ("a.b", "main")
    with pytest.raises(SetupRefused):
        parse_console_script("[project]\n", "strata")


def test_activation_block_is_there_once_however_often_it_is_written() -> None:
    script = "deactivate () {\n}\n"
    once = activation.with_block(script, activation.block(plugins_in_place=False))
    twice = activation.with_block(once, activation.block(plugins_in_place=True))
    assert twice.startswith(script)
    assert twice.count(activation.BEGIN) == 1
    assert "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true" in twice
    assert activation.with_block(twice, activation.block(plugins_in_place=True)) == twice


def test_plugins_are_still_fetched_where_one_is_missing() -> None:
    text = activation.block(plugins_in_place=False)
    assert "PULUMI_SKIP_UPDATE_CHECK=true" in text
    assert "ACQUISITION" not in text


@pytest.mark.parametrize(
    ("file", "content", "word", "because"),
    [
        ("go.sum", "b", "v1", "the content of a file counts"),
        ("go.mod", "a", "v1", "its name counts"),
        ("go.sum", "a", "v2", "so do words such as a version"),
    ],
)
def test_stamp_holds_only_for_the_same_inputs(
    tmp_path: Path, file: str, content: str, word: str, because: str
) -> None:
    first, other = tmp_path / "go.sum", tmp_path / file
    first.write_text("a")
    stamp = stamps.Stamp(tmp_path / "stamps" / "engine", stamps.hash_of([first], "v1"))
    assert stamp.holds() is None, "nothing was finished yet"
    stamp.set("built")
    assert stamp.holds() == "built"
    other.write_text(content)
    assert stamps.Stamp(stamp.file, stamps.hash_of([other], word)).holds() is None, because


@pytest.mark.parametrize(
    ("system", "processor", "because"),
    [
        ("Linux", "aarch64", "the lab's guest is x86-64"),
        ("Darwin", "x86_64", "there is no apt"),
    ],
)
def test_other_machines_are_refused_by_name(system: str, processor: str, because: str) -> None:
    with pytest.raises(SetupRefused, match=rf"{system} on {processor}"):
        machine.require_architecture(system, processor)
    machine.require_architecture("Linux", "x86_64")


def test_small_disk_is_refused_with_both_numbers(tmp_path: Path) -> None:
    with pytest.raises(SetupRefused, match=r"5\.5 GiB free .* needs 6"):
        machine.require_disk(tmp_path, free=int(5.5 * machine.GIB))
    machine.require_disk(tmp_path, free=6 * machine.GIB)


def test_root_runs_commands_itself_and_others_through_sudo() -> None:
    assert machine.as_root(["apt-get"], purpose="this", euid=0) == ["apt-get"]
    through_sudo = machine.as_root(["apt-get"], purpose="this", euid=1000, sudo="/usr/bin/sudo")
    assert (through_sudo[0], through_sudo[-1]) == ("/usr/bin/sudo", "apt-get")


def test_no_way_to_root_says_what_to_do() -> None:
    with pytest.raises(SetupRefused, match="run make setup as root once"):
        machine.as_root(["apt-get"], purpose="installing Debian packages", euid=1000, sudo="")
