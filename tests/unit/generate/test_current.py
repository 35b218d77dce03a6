"""What derives from the kinds is what the kinds say now."""

from __future__ import annotations

from tools.generate.__main__ import ROOT, generated


def test_nothing_generated_is_stale() -> None:
    stale = [
        str(path.relative_to(ROOT))
        for path, text in generated().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run `python -m tools.generate`"
