"""The way between two lists of export rules: it arrives, it is short, and nobody is shut out on it."""

from __future__ import annotations

import random

import pytest

from strata.provider.kinds.ontap_export_plan import Step, plan
from strata.provider.kinds.ontap_export_rules import ExportRule, client, fits


def rule(*clients: str, write: str = "sys", root: str = "none") -> ExportRule:
    return ExportRule(clients, read_write=(write,), superuser=(root,))


A, B, C, D = (rule(f"10.0.{n}.0/24") for n in range(4))
ALL = rule("0.0.0.0/0", write="never")


def walk(actual: list[ExportRule], steps: list[Step]) -> list[list[ExportRule]]:
    states = [actual]
    for step in steps:
        states.append(step.apply(states[-1]))
    return states


def first(rules: list[ExportRule], who: str) -> tuple[object, ...] | None:
    """The access of a client, worked out here a second time in the plainest way (IPv4 /24, /32 and all)."""
    for one in rules:
        if any(
            it == "0.0.0.0/0" or it == who or it.rsplit(".", 1)[0] == who.rsplit(".", 1)[0]
            for it in one.clients
        ):
            return one.read_only, one.read_write, one.superuser
    return None


SHORT = [
    ([A, B], [A, B], [], "nothing differs"),
    ([A], [A, B], ["add"], "one more at the end"),
    ([A], [B, A], ["add"], "one more in front"),
    ([A, B, C], [A, C], ["remove"], "one less in the middle"),
    ([A, B], [A, rule("10.0.1.0/24", root="sys")], ["change"], "one leaf"),
    ([A], [B], ["change"], "another client alone"),
    ([A, B, C], [C, A, B], ["move"], "the last comes first"),
    ([A, B, C, D], [B, C, D, A], ["move"], "the first goes last"),
    ([], [A, B], ["add", "add"], "from nothing"),
    ([A, B], [], ["remove", "remove"], "to nothing"),
]


@pytest.mark.parametrize(("actual", "declared", "actions", "because"), SHORT, ids=[row[3] for row in SHORT])
def test_the_way_is_short(
    actual: list[ExportRule], declared: list[ExportRule], actions: list[str], because: str
) -> None:
    steps = plan(actual, declared)
    assert [step.action for step in steps] == actions, because
    assert walk(actual, steps)[-1] == declared, because


def test_clients_that_swap_rules_keep_their_access_on_the_way() -> None:
    actual = [rule("10.0.1.0/24", write="sys"), rule("10.0.2.0/24", write="krb5")]
    declared = [rule("10.0.2.0/24", "10.0.3.0/24", write="sys"), rule("10.0.1.0/24", write="krb5")]
    for state in walk(actual, plan(actual, declared)):
        for who in ("10.0.1.7", "10.0.2.7"):
            assert first(state, who) in (first(actual, who), first(declared, who)), state


def test_a_rule_for_all_never_stands_before_the_rule_of_a_writer() -> None:
    actual, declared = [A, B], [rule("10.0.1.0/24", root="sys"), A, ALL]
    for state in walk(actual, plan(actual, declared)):
        assert first(state, "10.0.0.5") == first(actual, "10.0.0.5"), state
        assert first(state, "10.0.1.5") in (first(actual, "10.0.1.5"), first(declared, "10.0.1.5")), state


def test_any_list_reaches_any_other() -> None:
    """Seeded, so that a failure comes again."""
    chance, unsafe, rounds = random.Random(7), 0, 300
    pool = [A, B, C, ALL, rule("10.0.0.0/24", "10.0.1.0/24", root="sys"), rule("10.0.2.0/24", write="krb5")]
    for _ in range(rounds):
        actual = chance.sample(pool, chance.randint(0, 4))
        declared = chance.sample(pool, chance.randint(0, 4))
        states = walk(actual, plan(actual, declared))
        assert len(states[-1]) == len(declared), (actual, declared)
        assert all(map(fits, declared, states[-1])), (actual, declared)
        unsafe += any(
            first(state, who) not in (first(actual, who), first(declared, who))
            for state in states
            for who in ("10.0.0.5", "10.0.1.5", "10.0.2.5", "192.0.2.1")
        )
    assert unsafe == 0, f"{unsafe} of {rounds} ways shut somebody out for a moment"


CLIENTS = [
    ("10.1.2.0/24", "10.1.2.0/24"),
    ("10.1.2.0/255.255.255.0", "10.1.2.0/24"),
    ("10.1.2.3", "10.1.2.3"),
    ("2001:DB8::/32", "2001:db8::/32"),
    ("host.example", "host.example"),
    (".example", ".example"),
    ("@netgroup", "@netgroup"),
]


@pytest.mark.parametrize(("text", "canonical"), CLIENTS)
def test_a_client_has_one_spelling(text: str, canonical: str) -> None:
    assert client(text) == canonical


@pytest.mark.parametrize("text", ["10.1.2.3/24", "10.1.2.0/33", "300.1.2.3", "a b", "", "@"])
def test_what_is_no_client_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="found"):
        client(text)
