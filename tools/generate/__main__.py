"""`python -m tools.generate` writes what derives from kinds and schema; with `--check` it says what is stale, and exits 1."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from strata.provider.registry import KINDS
from strata.stackfile import part
from strata.stackfile.shape import SCHEMA_FILE
from tools.generate.reference import page
from tools.generate.resources import module_text

ROOT = Path(__file__).resolve().parents[2]


def generated() -> dict[Path, str]:
    """Every generated file with its text."""
    files: dict[Path, str] = {}
    for system in sorted({kind.token.split(":")[1] for kind in KINDS}):
        kinds = [kind for kind in KINDS if kind.token.split(":")[1] == system]
        files[ROOT / "strata" / "resources" / f"{system}.py"] = _formatted(module_text(system, kinds))
    for kind in KINDS:
        files[ROOT / "docs" / "reference" / f"{kind.token.replace(':', '-')}.md"] = page(kind)
    files[ROOT / "schemas" / "stack-part.schema.json"] = part_schema()
    return files


def part_schema() -> str:
    """What an editor checks a file by that extends others, or that others extend."""
    whole = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return json.dumps(part.for_editors(whole), indent=2, ensure_ascii=False) + "\n"


def _formatted(text: str) -> str:
    """As ruff sorts and lays it out, so that a formatted tree is not stale."""
    for arguments in (("check", "--quiet", "--fix", "--select", "I"), ("format",)):
        command = [sys.executable, "-m", "ruff", *arguments, "--stdin-filename", "strata/resources/x.py", "-"]
        text = subprocess.run(
            command, input=text, capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout
    return text


def main(arguments: list[str]) -> int:
    """Exit status: 0 all current or written, 1 stale files found by `--check`."""
    stale = [
        path
        for path, text in generated().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is stale: run `python -m tools.generate`.")
        return 1 if stale else 0
    files = generated()
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
