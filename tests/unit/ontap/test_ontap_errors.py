"""Each way a call can end becomes one sentence: what was done, where, what was answered, what to do."""

from __future__ import annotations

import pytest

from strata.clients.ontap_errors import ADVICE, AnswerLost, Duplicate, Site, failure
from strata.clients.ontap_existing import missing
from strata.clients.ontap_transport import SVM, Ending, Trouble
from strata.errors import Failed, NotFound, StrataError, Unreachable

SITE = Site("cluster01", "10.0.0.1:443", "admin", "certs/cluster01.pem")
DOING = "creating volume images in SVM demo-nfs-svm"

ENDINGS: list[tuple[Trouble, type[StrataError], str]] = [
    (
        Trouble(Ending.NO_CONNECTION, "Connection refused"),
        Unreachable,
        "cannot be reached: Connection refused",
    ),
    (
        Trouble(Ending.TLS, "self-signed certificate"),
        Unreachable,
        "does not hold against the caFile certs/cluster01.pem",
    ),
    (Trouble(Ending.LOST, "no answer within 45 s"), AnswerLost, "gave no answer: no answer within 45 s"),
    (Trouble(Ending.GARBLED, ""), Unreachable, "does not speak ONTAP's REST API"),
    (Trouble(Ending.ANSWERED, "", 404), Unreachable, "does not speak ONTAP's REST API. It answered 404."),
    (Trouble(Ending.ANSWERED, "", 503), Unreachable, "answers 503 again and again"),
    (Trouble(Ending.ANSWERED, "no", 401, "6691623"), Unreachable, "does not accept user admin"),
    (Trouble(Ending.ANSWERED, "gone", 404, "4"), NotFound, "it answered 4: gone."),
    (Trouble(Ending.ANSWERED, "dup.", 409, "917526"), Duplicate, "it answered 917526: dup."),
    (
        Trouble(Ending.ANSWERED, "bad", 400, "918252", "nas.path"),
        Failed,
        "(for nas.path). A junction path begins with /",
    ),
    (Trouble(Ending.ANSWERED, "full", code="460770", job="j-1"), Failed, "job j-1 failed with 460770: full."),
]


@pytest.mark.parametrize(("trouble", "sort", "words"), ENDINGS, ids=[row[2][:40] for row in ENDINGS])
def test_each_ending_is_a_sentence(trouble: Trouble, sort: type[StrataError], words: str) -> None:
    error = failure(trouble, DOING, SITE)
    assert type(error) is sort
    assert str(error).startswith("Creating volume images in SVM demo-nfs-svm")
    assert "cluster01" in str(error)
    assert words in str(error)
    assert str(error).endswith((".", "`.", ")."))


def test_a_long_answer_is_cut() -> None:
    error = failure(Trouble(Ending.ANSWERED, "x" * 5000, 400, "2"), DOING, SITE)
    assert len(str(error)) < 700


def test_every_advice_is_a_sentence() -> None:
    assert all(advice.endswith(".") and advice[0].isupper() for advice in ADVICE.values() if advice[0] != "`")


def test_what_is_missing_is_said_with_what_there_is() -> None:
    said = missing(SVM, "demo-nfs", "volume images", "cluster01", ["demo-nfs-svm", "other"], None)
    assert said == (
        "The SVM demo-nfs that volume images needs is not there: cluster cluster01 has demo-nfs-svm, other. "
        "Did you mean demo-nfs-svm? Name one that exists, or make it."
    )
    assert "has none" in missing(SVM, "x", "volume images", "cluster01", [], None)
