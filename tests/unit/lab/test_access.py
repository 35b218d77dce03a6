"""What export rules give a guest: the first matching rule decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lab.addresses import GUESTS
from lab.nfs.access import Access, access_of, matches
from lab.ontap.exports import ExportRule

TKSTACK, SECOND = GUESTS
OPEN = ExportRule(1, ("0.0.0.0/0",), ("any",), ("sys",), ("sys",), ("sys",), "65534")


@pytest.mark.parametrize(
    ("match", "expected", "because"),
    [
        ("10.130.208.20", True, "its own address"),
        ("10.130.208.21", False, "another guest's address"),
        ("10.130.208.0/24", True, "the network it is in"),
        ("10.130.208.0/255.255.255.0", True, "a network may have a mask"),
        ("10.130.208.20/32", True, "a network of one"),
        ("10.130.209.0/24", False, "the neighbouring network"),
        ("0.0.0.0/0", True, "everybody"),
        ("::/0", False, "everybody with IPv6, which it does not speak"),
        ("tkstack", True, "its name"),
        ("TKSTACK", True, "names have no case"),
        ("tkstack2", False, "another guest's name, of which its own is only the beginning"),
        (".stack", False, "a domain begins at a dot of the name"),
        ("@storage", False, "no directory service, no netgroup"),
    ],
)
def test_client_match(match: str, expected: bool, because: str) -> None:
    assert matches(TKSTACK, match) is expected, because


@pytest.mark.parametrize(
    ("changed", "expected", "because"),
    [
        ({}, Access("RW", "No_Root_Squash", 65534), "read, write and superuser by AUTH_SYS"),
        ({"rw": ("never",)}, Access("RO", "No_Root_Squash", 65534), "no writing"),
        ({"rw": ("krb5",)}, Access("RO", "No_Root_Squash", 65534), "writing only with Kerberos"),
        ({"ro": ("any",), "rw": ("any",)}, Access("RW", "No_Root_Squash", 65534), "any holds AUTH_SYS"),
        ({"ro": ("never",)}, None, "who may not read may not write"),
        ({"ro": ("krb5p",), "rw": ("krb5p",)}, None, "only with Kerberos"),
        ({"superuser": ("none",)}, Access("RW", "Root_Squash", 65534), "root becomes nobody"),
        ({"superuser": ("any",)}, Access("RW", "No_Root_Squash", 65534), "root stays root"),
        ({"superuser": ("none",), "anonymous": "0"}, Access("RW", "Root_Squash", 0), "root becomes root"),
        (
            {"superuser": ("none",), "anonymous": "nobody"},
            Access("RW", "Root_Squash", 65534),
            "a user by name",
        ),
        ({"ro": ("none",), "rw": ("none",)}, Access("RW", "All_Squash", 65534), "everybody is anonymous"),
        ({"protocols": ("nfs3",)}, None, "the guest speaks NFSv4"),
        ({"protocols": ("nfs4",)}, Access("RW", "No_Root_Squash", 65534), "which this allows"),
        ({"protocols": ("cifs",)}, None, "a rule for another protocol"),
        (
            {"clients": ("10.130.208.21", "tkstack")},
            Access("RW", "No_Root_Squash", 65534),
            "one match is enough",
        ),
    ],
)
def test_one_rule(changed: dict[str, object], expected: Access | None, because: str) -> None:
    assert access_of(TKSTACK, [replace(OPEN, **changed)]) == expected, because  # type: ignore[arg-type]


def test_the_first_matching_rule_decides() -> None:
    closed = replace(OPEN, clients=("10.130.208.20",), ro=("never",), rw=("never",))
    assert access_of(TKSTACK, [closed, OPEN]) is None
    assert access_of(TKSTACK, [OPEN, closed]) is not None
    assert access_of(SECOND, [closed, OPEN]) is not None, "the first rule does not match it"


def test_no_rule_is_no_access() -> None:
    assert access_of(TKSTACK, []) is None
