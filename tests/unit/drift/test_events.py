"""What recordings do not show: secrets, values that are not known yet, providers, and an engine that breaks off."""

from __future__ import annotations

import pytest

from strata.drift import events
from strata.drift.finding import Change, Net
from tests.unit.drift.recordings import VOLUME, error, lines, ran, recorded, step

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
COMMAND = "urn:pulumi:lab::strata::command:remote:Command::restart"
PROVIDER = "urn:pulumi:lab::strata::pulumi:providers:strata::default"
COMPONENT = "urn:pulumi:lab::strata::strata:components:OntapVolume::images"
ROOT = "urn:pulumi:lab::strata::pulumi:pulumi:Stack::strata-lab"


def update(declared: object, actual: object, **more: object) -> dict[str, object]:
    return step(
        "update",
        {"inputs": {"key": "recorded"}, "outputs": {"key": actual}},
        {"inputs": {"key": declared}},
        {"key": "update"},
        **more,  # type: ignore[arg-type]
    )


CASES = [
    (update("a", "b"), ["ontap:Volume/images key a->b changed up"], "the plain case"),
    (
        update("[secret]", "[secret]"),
        ["ontap:Volume/images key [secret]->[secret] changed up"],
        "that a secret is otherwise is told, its value never",
    ),
    (update(UNKNOWN, "b"), [], "it follows from what has to be made first"),
    (update([{"clients": UNKNOWN}], "b"), [], "the same, deeper"),
    (update("a", "b", urn=PROVIDER), [], "a provider is how a system is reached: a new password is no drift"),
    (
        step("update", {"custom": False, "outputs": {"a": 1}}, {"custom": False}, urn=COMPONENT),
        [],
        "a component is nowhere but in the program",
    ),
    (
        step("update", {"inputs": {}, "outputs": {}}, {"inputs": {}}),
        ["ontap:Volume/images unfinished up"],
        "the engine repeats an operation that failed half-way, without a difference",
    ),
    (
        step("update", {"inputs": {"a": 1}}, {"inputs": {"a": 2}}, diffs=["a"], urn=COMMAND),
        ["command:remote:Command/restart a 2->1 changed up"],
        "a provider of others may name properties only",
    ),
    (
        step("refresh", {"inputs": {"size": 1}}, {"outputs": {"usedBytes": 5}}, event="resOutputsEvent"),
        [],
        "only outputs differ",
    ),
    (
        step("same", {"inputs": {}}, {"inputs": {}}, {"a": "update"}),
        [],
        "the engine says that nothing is to be done",
    ),
]


@pytest.mark.parametrize(("event", "expected", "because"), CASES)
def test_one_step_means(event: dict[str, object], expected: list[str], because: str) -> None:
    assert lines(events.of_preview(ran(event), "lab").findings) == expected, because


def test_a_replacement_says_so_once() -> None:
    state = {"inputs": {"aggregate": "aggr1"}, "outputs": {"aggregate": "aggr1"}}
    wanted = {"inputs": {"aggregate": "aggr2"}}
    steps = [
        step(op, state, wanted, {"aggregate": "update-replace"}) for op in ("create-replacement", "replace")
    ]
    deleted = step("delete-replaced", state, None)
    (one,) = events.of_preview(ran(*steps, deleted), "lab").findings
    assert (one.path, one.replaces, one.net) == ("aggregate", True, Net.UP)


def test_what_was_adopted_by_hand_and_forgotten_by_the_program_is_one_finding() -> None:
    gone = step("refresh", {"inputs": {}}, None, event="resOutputsEvent")
    (one,) = events.of_preview(ran(gone, step("create", None, {"inputs": {}})), "lab").findings
    assert (one.change, one.net) == (Change.GONE, Net.BOTH)


def test_a_stack_whose_root_would_be_made_was_never_brought_up() -> None:
    root = step("create", None, {"custom": False}, urn=ROOT)
    look = events.of_preview(ran(root, error("Preview failed: no SVM", VOLUME), code=1), "lab")
    assert look.never_up
    assert look.findings == ()


def test_a_stack_that_the_backend_does_not_know_was_never_brought_up() -> None:
    look = events.of_preview(ran(code=6, stderr="error: no stack named 'lab' found"), "lab")
    assert look.never_up


def test_a_wrong_passphrase_is_told_in_the_engine_s_words() -> None:
    look = events.of_preview(
        ran(code=1, stderr="error: getting stack configuration: incorrect passphrase\n"), "lab"
    )
    (trouble,) = look.troubles
    assert "stack lab" in trouble.message
    assert "incorrect passphrase" in trouble.message
    assert not look.began


def test_an_engine_that_dies_without_a_word_is_no_good_news() -> None:
    look = events.of_preview(ran(code=-9), "lab")
    assert len(look.troubles) == 1


def test_an_answer_that_breaks_off_is_no_good_news() -> None:
    whole = recorded("clean.preview")
    cut = type(whole)(0, "\n".join(whole.stdout.splitlines()[:-2]), "")
    (trouble,) = events.of_preview(cut, "lab").troubles
    assert "can't be read" in trouble.message


def test_an_engine_that_does_not_stream_is_no_good_news() -> None:
    one_document = ran()
    look = events.of_preview(type(one_document)(0, '{\n  "steps": []\n}\n', ""), "lab")
    assert len(look.troubles) == 1


def test_the_engine_s_own_echo_is_left_out() -> None:
    told = [error("Preview failed: the sentence", VOLUME), error("preview failed")]
    (trouble,) = events.of_preview(ran(*told, code=1), "lab").troubles
    assert trouble.message == "the sentence"


def test_a_sentence_holds_nothing_that_a_terminal_obeys() -> None:
    look = events.of_preview(ran(error("it said \x1b[31mred\x1b[0m\nand more", VOLUME), code=1), "lab")
    assert look.troubles[0].message == "it said \ufffd[31mred\ufffd[0m\nand more"
