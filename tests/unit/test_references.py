"""Values from outside: environment and files, and sentences where they are missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strata.errors import Failed
from strata.references import resolve


@pytest.mark.parametrize(
    ("value", "expected", "because"),
    [
        ("plain", "plain", "text stands for itself"),
        (443, "443", "a port may be a number"),
        (443.0, "443", "and comes from the engine as a float"),
        ({"env": "PASSWORD"}, "from-env", "an environment variable"),
        ({"file": "sub/password"}, "from-file", "a file below the project folder, without its line end"),
    ],
)
def test_resolves(tmp_path: Path, value: Any, expected: str, because: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "password").write_text("from-file\n")
    assert resolve(value, "password", tmp_path, {"PASSWORD": "from-env"}) == expected, because


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"env": "NOPE"}, ["environment variable NOPE", "not set"]),
        ({"file": "nope"}, ["file nope", "No such file"]),
        ({"other": "x"}, ["{env: NAME}", "{file: PATH}", "other"]),
        (True, ["neither text"]),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, value: Any, words: list[str]) -> None:
    with pytest.raises(Failed) as caught:
        resolve(value, "password of ONTAP cluster c1", tmp_path, {})
    assert str(caught.value).startswith("The password of ONTAP cluster c1")
    assert all(word in str(caught.value) for word in words)
