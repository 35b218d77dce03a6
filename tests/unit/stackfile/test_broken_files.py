"""Every broken file gives its whole report, at the right places, and no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from strata.stackfile import Located, StackFileError, load, validate

CASES = Path(__file__).parent / "cases"
NAMES = sorted(file.stem for file in CASES.glob("*.yaml"))


def because(name: str) -> str:
    return (CASES / f"{name}.yaml").read_text().splitlines()[0].removeprefix("# because: ")


@pytest.mark.parametrize("name", NAMES)
def test_the_report_is_complete_and_exact(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES)
    report = [str(problem) for problem in validate(Path(f"{name}.yaml"))]
    assert report == (CASES / f"{name}.errors").read_text().splitlines(), because(name)


@pytest.mark.parametrize("name", NAMES)
def test_load_raises_the_same_report(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES)
    with pytest.raises(StackFileError) as raised:
        load(Path(f"{name}.yaml"))
    assert str(raised.value) == (CASES / f"{name}.errors").read_text().rstrip("\n"), because(name)


@pytest.mark.parametrize("name", NAMES)
def test_problems_come_in_the_order_of_the_file(name: str) -> None:
    places = [(problem.line, problem.column) for problem in validate(CASES / f"{name}.yaml")]
    assert places == sorted(places)
    assert places, "a case without an error proves nothing"


@pytest.mark.parametrize(
    "name", [name for name in NAMES if not name.startswith(("syntax", "not_an", "aliases"))]
)
def test_an_editor_jumps_to_what_is_meant(name: str) -> None:
    """At each place stands the last key of the path; the places aren't only what was recorded once."""
    lines = (CASES / f"{name}.yaml").read_text().splitlines()
    for problem in validate(CASES / f"{name}.yaml"):
        at = lines[problem.line - 1][problem.column - 1 :]
        assert at.startswith(stands_there(problem, at)), str(problem)


def stands_there(problem: Located, at: str) -> str:
    last = problem.path.rsplit(".", 1)[-1]
    if last.endswith("]"):
        # An item of a list has no key: its place is where the item begins, so behind a bracket, comma or dash.
        return at[0] if at[0] not in "[,- " else "an item"
    return last if "[" not in last else last.split("[")[0]


@pytest.mark.parametrize("name", NAMES)
def test_no_report_repeats_a_secret(name: str) -> None:
    report = "\n".join(map(str, validate(CASES / f"{name}.yaml")))
    assert "canary" not in report
    assert "2718281828" not in report


def test_the_issues_ten_kinds_of_mistake_are_here() -> None:
    assert len(NAMES) >= 10


CANARY = "canary-5up3r"


@pytest.mark.parametrize(
    "password",
    [
        CANARY,
        f"'{CANARY}'",
        f"*{CANARY}",
        f"&{CANARY}",
        f"!{CANARY}",
        f"%{CANARY}",
        f"@{CANARY}",
        f"|{CANARY}",
        f"{{{CANARY}",
        f"[{CANARY}",
        f"{{secure: {CANARY}}}",
        f"{{env: {CANARY}}}",
        f"{{{CANARY}: x}}",
        f"{{file: [{CANARY}]}}",
        f"a: {CANARY}",
        f'"\\{CANARY}"',
        f"`{CANARY}",
        f"!!binary {CANARY}",
        f"- {CANARY}",
        f"{{file: {{x: {CANARY}}}}}",
        f">-\n   {CANARY}",
    ],
)
def test_a_password_in_any_clothes_is_refused_and_not_repeated(password: str, tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.canary.yaml"
    file.write_text(
        "config:\n  strata:ontap:\n    clusters:\n      cluster01:\n"
        f"        hostname: a\n        username: b\n        password: {password}\n"
    )
    report = "\n".join(map(str, validate(file)))
    assert report
    assert CANARY not in report


def test_a_pasted_text_of_several_lines_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.canary.yaml"
    file.write_text(
        f"config:\n  strata:hosts:\n    tkstack:\n      hostKey: |\n        b3BlbnNzaC1rZXk\n        {CANARY}\n"
    )
    report = "\n".join(map(str, validate(file)))
    assert "found a text of several lines" in report
    assert CANARY not in report
