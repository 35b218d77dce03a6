"""What is meant by what was written."""

from __future__ import annotations

import pytest

from strata.stackfile import clientmatch, sizes
from strata.stackfile.located import render
from strata.stackfile.naming import did_you_mean


@pytest.mark.parametrize(
    ("written", "meant", "because"),
    [
        ("50g", "50GiB", "ONTAP's own spelling, which counts by 1024"),
        ("50 GB", "50GiB", "the usual slip"),
        ("1.5t", "1.5TiB", "fractions are kept"),
        ("50 gigs", "50GiB", "as people say it"),
        ("50", None, "nobody knows the unit"),
        ("large", None, "nobody knows the number"),
    ],
)
def test_sizes(written: str, meant: str | None, because: str) -> None:
    assert sizes.suggestion(written) == meant, because
    if meant:
        assert sizes.parse(meant), "what is advised has to be a size"


@pytest.mark.parametrize(
    ("client", "good", "because"),
    [
        ("10.130.208.0/24", True, "a network"),
        ("10.130.208.20", True, "an address"),
        ("0.0.0.0/0", True, "everybody"),
        ("10.1.16.0/255.255.255.0", True, "ONTAP takes a netmask too"),
        ("fd20::/64", True, "IPv6"),
        ("::1", True, "an IPv6 address"),
        ("tkstack", True, "a host name"),
        (".example.org", True, "a domain"),
        ("@glance", True, "a netgroup"),
        ("10.130.208.5/24", False, "bits behind the mask: one host or the network?"),
        ("10.130.208", False, "three quarters of an address"),
        ("10.0.0.0/33", False, "a mask that is too long"),
        ("host/24", False, "a host has no mask"),
        ("fd20::zz", False, "no IPv6 address"),
        ("-a", False, "no host name begins with a hyphen"),
        ("*", False, "0.0.0.0/0 is meant"),
        ("", False, "nobody"),
    ],
)
def test_clients(client: str, good: bool, because: str) -> None:
    assert (clientmatch.complaint(client) is None) is good, because


@pytest.mark.parametrize(
    ("word", "advice", "because"),
    [
        ("Size", " Did you mean size?", "case is no difference to a person"),
        ("sise", " Did you mean size?", "a letter"),
        ("xyz", " Known here: name, size.", "nothing is near, so all are said"),
    ],
)
def test_names(word: str, advice: str, because: str) -> None:
    assert did_you_mean(word, {"size", "name"}) == advice, because


def test_nothing_is_known() -> None:
    assert did_you_mean("x", set()) == ""


def test_paths_are_spelt_as_pulumi_takes_them() -> None:
    assert render(("config", "strata:hosts", "a.b", "x", 0)) == 'config.strata:hosts["a.b"].x[0]'
