"""The small programs of CI: which stacks, whose credentials, and a comment that fits and is written once."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tools.ci import comment, preview_markdown, with_credentials

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("named", "expected", "because"),
    [
        ("", '["labrador","osaka","tokyo"]', "every stack file but those of labs, whatever they are called"),
        ("tokyo", '["tokyo"]', "one that is named"),
        (
            "osaka, tokyo\nlab",
            '["osaka","tokyo","lab"]',
            "blanks, commas and lines divide; the lab where it is meant",
        ),
        ("tokyo;reboot", None, "that is no stack"),
    ],
)
def test_the_stacks_of_the_matrix(named: str, expected: str | None, because: str, tmp_path: Path) -> None:
    (tmp_path / "stacks").mkdir()
    texts = {
        "tokyo": "",
        "osaka": "# made after the lab's, which lies in .lab\nconfig: {}  # file: .lab/lab/x",
        "labrador": "password: {file: secrets/labrador}",
        "lab": "hostname: {file: .lab/lab/ontap/address}",
        "lab-legacy": 'caFile: ".lab/lab/ontap/ca.pem"',
        "dev": "key: {file: .lab/dev/swift/key}",
    }
    for stack, text in texts.items():
        (tmp_path / "stacks" / f"Pulumi.{stack}.yaml").write_text(text)
    (tmp_path / "stacks" / "base.yaml").touch()
    code, written = _stacks(tmp_path, named)
    assert (code, written) == ((2, "") if expected is None else (0, f"stacks={expected}\n")), because


def test_no_stack_at_all_is_not_green(tmp_path: Path) -> None:
    (tmp_path / "stacks").mkdir()
    assert _stacks(tmp_path, "") == (2, "")


def _stacks(folder: Path, named: str) -> tuple[int, str]:
    output = folder / "output"
    output.touch()
    environ = {**os.environ, "STRATA_STACKS": named, "GITHUB_OUTPUT": str(output)}
    ran = subprocess.run(
        [ROOT / "tools/ci/stacks.sh"], cwd=folder, env=environ, capture_output=True, check=False
    )
    return ran.returncode, output.read_text()


def test_credentials_are_unpacked_for_the_command_alone() -> None:
    packed = json.dumps({"CLUSTER01_PASSWORD": "s3cret", "KEY": "a\nb"})
    inner = with_credentials.environment({"PATH": "/bin", "STRATA_CREDENTIALS": packed})
    assert inner == {"PATH": "/bin", "CLUSTER01_PASSWORD": "s3cret", "KEY": "a\nb"}
    assert with_credentials.environment({"STRATA_CREDENTIALS": ""}) == {}, "a secret that is not set is empty"


@pytest.mark.parametrize("packed", ["s3cret", '["s3cret"]', '{"A": {"b": "s3cret"}}', '{"s3cret=": "x"}'])
def test_credentials_that_are_wrong_are_not_shown(packed: str) -> None:
    with pytest.raises(ValueError, match="STRATA_CREDENTIALS") as refused:
        with_credentials.environment({"STRATA_CREDENTIALS": packed})
    assert "s3cret" not in str(refused.value)


def test_the_runner_is_told_every_line_of_every_credential(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It masks the secret that they are packed in as a whole, and none of them."""
    packed = json.dumps({"PASSWORD": "100%s3cret", "KEY": "-----BEGIN\nabcd\n-----END\n", "SHORT": "abc"})
    monkeypatch.setenv("STRATA_CREDENTIALS", packed)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert with_credentials.main(["--mask"]) == 0
    assert capsys.readouterr().out == "", "no other runner reads it, and it would be in the log"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert with_credentials.main(["--mask"]) == 0
    values = ["-----BEGIN", "-----END", "100%25s3cret", "abcd"]
    assert capsys.readouterr().out.splitlines() == [f"::add-mask::{value}" for value in values]
    monkeypatch.setenv("STRATA_CREDENTIALS", "s3cret")
    assert with_credentials.main(["--mask"]) == 0, "the command that needs them says what is wrong"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (
            0,
            "…\nResources:\n    + 2 to create\n    ~ 1 to update\n    3 unchanged\n",
            "+ 2 to create, ~ 1 to update",
        ),
        (0, "…\nResources:\n    4 unchanged\n", "nothing changes"),
        (255, "error: no\n", "the preview failed"),
    ],
)
def test_the_headline_of_a_preview(code: int, text: str, expected: str) -> None:
    assert preview_markdown.headline(code, text) == expected


def test_of_a_long_preview_the_end_is_shown() -> None:
    text = "\n".join(f"line {number}" for number in range(10_000)) + "\nerror: ``` the last word"
    shown = preview_markdown.markdown("tokyo", 255, "", text)
    assert len(shown) < preview_markdown.LARGEST + 500
    assert "error: ``` the last word\n````\n" in shown, "and no fence within ends the fence"
    assert "lines are left out" in shown
    assert len(preview_markdown.markdown("tokyo", 0, "", "x" * 100_000)) < preview_markdown.LARGEST + 500


def test_a_comment_of_thirty_stacks_fits_and_counts_the_rest() -> None:
    sections = [f"#### stack{number}: nothing changes\n{'ü😀' * 2000}\n" for number in range(30)]
    text = comment.body(sections, "abc1234")
    assert len(text.encode("utf-16-le")) // 2 <= comment.LARGEST
    shown = text.count("#### stack")
    assert 5 < shown < 30
    assert f"… and {30 - shown} more stacks" in text
    assert "No preview was made" in comment.body([], "abc1234")
    assert "As of abc1234." in text, "an older comment is told from a newer one"


class Comments(HTTPServer):
    """What a server of pull requests keeps."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.kept: list[dict[str, Any]] = []
        self.refuse = False


class Handler(BaseHTTPRequestHandler):
    """GET a page, POST one, PATCH one."""

    server: Comments

    def do_GET(self) -> None:
        page = int(self.path.rpartition("page=")[2])
        self._answer(self.server.kept[(page - 1) * 100 : page * 100])

    def do_POST(self) -> None:
        self.server.kept.append(made(len(self.server.kept), self._body()))
        self._answer(self.server.kept[-1])

    def do_PATCH(self) -> None:
        one = self.server.kept[int(self.path.rpartition("/")[2])]
        one["body"] = self._body()
        self._answer(one)

    def _body(self) -> str:
        return str(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"])

    def _answer(self, content: Any) -> None:
        assert self.headers["Authorization"] == "Bearer token"
        self.send_response(403 if self.server.refuse else 200)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


def made(number: int, body: str, type: str = "Bot") -> dict[str, Any]:
    return {"id": number, "body": body, "user": {"type": type}, "html_url": f"comment-{number}"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Comments]:
    with Comments() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("GITHUB_API_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("GITHUB_REPOSITORY", "site/storage")
        monkeypatch.setenv("GITHUB_TOKEN", "token")
        monkeypatch.setenv("PULL_REQUEST", "7")
        yield server
        server.shutdown()


def test_a_pull_request_has_one_comment_which_is_written_anew(server: Comments, tmp_path: Path) -> None:
    quoted = made(0, f"{comment.MARK} as somebody quotes it", type="User")
    server.kept = [quoted, *(made(number, "words") for number in range(1, 150))]
    section = tmp_path / "preview.md"
    for text in ("the first", "the second"):
        section.write_text(text)
        assert comment.main([str(section)]) == 0
    assert len(server.kept) == 151, "the second run wrote no second comment, though it is on the second page"
    assert "the second" in server.kept[150]["body"]
    assert quoted["body"].endswith("as somebody quotes it")


def test_a_comment_that_is_refused_is_said(server: Comments, capsys: pytest.CaptureFixture[str]) -> None:
    server.refuse = True
    assert comment.main([]) == 1
    told = capsys.readouterr().err
    assert "could not be written: 403" in told
    assert "token" not in told
