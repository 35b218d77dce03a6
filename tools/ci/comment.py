"""`comment.py FILE …`: one comment on the pull request, made of these files, and the same comment again at every later run.

Reads GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN, PULL_REQUEST and COMMIT. Only the standard library: the job that comments
has no set-up, and none of the credentials that the previews had.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

MARK = "<!-- strata preview -->"
LARGEST = 65_536
"""Characters in one comment."""
PAGE = 100
DEADLINE = 30.0


def body(sections: Sequence[str], commit: str, largest: int = LARGEST) -> str:
    """The sections that fit, whole, and which number did not. commit: of which it is true."""
    text = f"{MARK}\n### What this pull request would change\n\nAs of {commit}.\n\n"
    last = "… and {number} more stacks; each one's job has its preview.\n"
    for index, section in enumerate(sections):
        room = largest - _length(text) - len(last.format(number=len(sections)))
        if _length(section) + 1 > room:
            return text + last.format(number=len(sections) - index)
        text += section + "\n"
    return text if sections else text + "No preview was made; the jobs of this run say why.\n"


def _length(text: str) -> int:
    """As the server counts at worst."""
    return len(text.encode("utf-16-le")) // 2


class PullRequest:
    """The comments of one pull request."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._repository = f"{environ['GITHUB_API_URL']}/repos/{environ['GITHUB_REPOSITORY']}"
        self._comments = f"{self._repository}/issues/{int(environ['PULL_REQUEST'])}/comments"
        self._token = environ["GITHUB_TOKEN"]

    def say(self, text: str) -> str:
        """Write the comment, or write it anew; the address at which it can be read."""
        mine = self._mine()
        if mine is None:
            told = self._ask("POST", self._comments, {"body": text})
        else:
            told = self._ask("PATCH", f"{self._repository}/issues/comments/{mine}", {"body": text})
        return str(told.get("html_url", ""))

    def _mine(self) -> int | None:
        page = 1
        while True:
            found = self._ask("GET", f"{self._comments}?per_page={PAGE}&page={page}")
            for one in found:
                # A person may quote the mark; only a workflow's own comment can be written anew.
                if one["body"].startswith(MARK) and one["user"]["type"] == "Bot":
                    return int(one["id"])
            if len(found) < PAGE:
                return None
            page += 1

    def _ask(self, method: str, url: str, content: dict[str, str] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/vnd.github+json"}
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(url, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            return json.load(answer)


def main(files: Sequence[str]) -> int:
    """Write the comment; 1 where the server refuses it."""
    sections = [Path(file).read_text(encoding="utf-8") for file in sorted(files)]
    try:
        print(PullRequest(os.environ).say(body(sections, os.environ.get("COMMIT", "the last push"))))
    except urllib.error.HTTPError as error:
        print(
            f"The comment on the pull request could not be written: {error.code} {error.reason}.",
            file=sys.stderr,
        )
        return 1
    except urllib.error.URLError as error:
        print(f"The comment on the pull request could not be written: {error.reason}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
