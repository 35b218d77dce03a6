"""What is asked, what is suggested, and when it is asked again."""

from __future__ import annotations

from pathlib import Path

import pytest

from strata.environments import draft as drafts
from strata.environments import questions
from strata.environments.draft import Draft
from strata.errors import Failed
from strata.stackfile.paths import in_configuration

MODEL = """\
config:
  strata:ontap:
    clusters:
      c1: {hostname: {file: .lab/at}, username: admin, password: {file: .lab/key}, port: {file: .lab/port}, caFile: .lab/ca}
    volumes:
      images: {svm: nas, aggregate: aggr1, size: 50GiB, protect: false}
      second: {svm: nas, aggregate: aggr2, size: 50GiB}
"""
C1 = "strata:ontap.clusters.c1"
ANSWERED = f"{C1}.hostname {C1}.username {C1}.port {C1}.caFile".split()


class Answers:
    """Somebody who answers from a list, and remembers what was said."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.said: list[str] = []

    def say(self, line: str) -> None:
        self.said.append(line)

    def ask(self, question: str) -> str:
        self.said.append(question)
        return self.answers.pop(0)

    secret = ask


def draft(tmp_path: Path, text: str = MODEL) -> Draft:
    return drafts.begin(text, tmp_path / "Pulumi.x.yaml")


def test_a_real_site_in_place_of_the_lab(tmp_path: Path) -> None:
    answers = Answers("cl.example.org", "", "", "-", "nas2", "", "", "", "")
    made = questions.values(draft(tmp_path), [], answers)
    assert answers.answers == [], "every answer was asked for"
    assert made.text.splitlines()[4:] == [
        ("      c1: {hostname: cl.example.org, username: admin, password: {file: .lab/key}, port: 443}"),
        "    volumes:",
        "      images: {svm: nas2, aggregate: aggr1, size: 50GiB, protect: true}",
        "      second: {svm: nas2, aggregate: aggr2, size: 50GiB}",
    ], "Enter keeps; what was answered once is suggested again; the lab's volume gets its protection back"
    assert "  : " in answers.said, "the lab's own address is no suggestion"
    assert "  [443]: " in answers.said, "the default is, for the lab's own port"


def test_an_answer_that_does_not_fit_is_asked_for_again(tmp_path: Path) -> None:
    paths = [in_configuration(one) for one in ANSWERED]
    answers = Answers("", "a host", "{env: HERE}", "-", "admin2", "http", "8443", "[", "x.pem")
    remaining = [path for path in drafts.of_a_site(draft(tmp_path)) if path not in paths]
    made = questions.values(draft(tmp_path), remaining, answers)
    assert answers.answers == []
    assert "{hostname: {env: HERE}, username: admin2, " in made.text
    said = "\n".join(answers.said)
    for sentence in (
        "What stands there is the lab's own, so an answer is needed.",
        'found "a host"; allowed: a host name or an IP address',
        "username is missing",
        'found "http"; allowed: a port',
    ):
        assert sentence in said


def test_what_was_said_by_a_flag_is_not_asked(tmp_path: Path) -> None:
    answers = Answers()
    all_of_them = [*drafts.of_a_site(draft(tmp_path)), *drafts.of_the_lab(draft(tmp_path))]
    assert questions.values(draft(tmp_path), all_of_them, answers).text == draft(tmp_path).text
    assert answers.said == []


def test_a_site_as_a_model_keeps_what_it_does_not_protect(tmp_path: Path) -> None:
    site = MODEL.replace("{file: .lab/at}", "c1.example.org").replace("{file: .lab/port}", "443")
    site = site.replace("{file: .lab/key}", "{env: A}").replace(".lab/ca", "ca.pem")
    assert not [path for path in drafts.of_a_site(draft(tmp_path, site)) if path[-1] == "protect"]


def test_a_secret_is_asked_for_until_there_is_one_and_is_not_in_the_text(tmp_path: Path) -> None:
    path = in_configuration(f"{C1}.password")
    answers = Answers("", "canary")
    made = questions.secrets(draft(tmp_path), [path], answers)
    assert made.secrets == {path: "canary"}
    assert "canary" not in made.text + repr(made) + "".join(answers.said)
    done = made.complete("v1:salt", {path: "v1:AAAA:BBBB"})
    assert "password: {secure: v1:AAAA:BBBB}" in done.text
    assert done.text.splitlines()[1] == "encryptionsalt: v1:salt"


@pytest.mark.parametrize(
    ("words", "path", "value", "because"),
    [
        ("0750", "strata:ontap.volumes.v.unixPermissions", "0750", "text stays text"),
        ("443", f"{C1}.port", 443, "a port is a number"),
        ("{file: p}", f"{C1}.port", {"file": "p"}, "from outside"),
        ("1, 2.3.4.5", "strata:cloudstack.zones.z.dns", [1, "2.3.4.5"], "a list without its brackets"),
        ("[a, b]", "strata:cloudstack.zones.z.dns", ["a", "b"], "and with them"),
        ("false", "strata:ontap.volumes.v.protect", False, "a truth value"),
        ("1.2.3", f"{C1}.hostname", "1.2.3", "a text"),
        ("12", f"{C1}.username", "12", "an account that looks like a number"),
    ],
)
def test_what_is_typed_is_read_as_the_schema_has_it(
    words: str, path: str, value: object, because: str
) -> None:
    assert drafts.read_value(words, in_configuration(path)) == value, because


def test_what_is_no_yaml_is_a_sentence() -> None:
    with pytest.raises(Failed, match=r"The value of strata:ontap.clusters.c1.port can't be read"):
        drafts.read_value("[", in_configuration(f"{C1}.port"))
