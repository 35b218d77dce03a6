"""Step: `source .venv/bin/activate` also tells the engine what set-up knows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tools.setup.checkout import Checkout
from tools.setup.engine import Engine
from tools.setup.progress import Progress

BEGIN = "# >>> strata >>>"
END = "# <<< strata <<<"
BLOCK = re.compile(rf"\n?{BEGIN}\n.*?{END}\n", re.DOTALL)


def block(*, plugins_in_place: bool) -> str:
    """What activation exports.

    The engine looks for plugins and for newer versions of itself on the network at every command, 2.6 s
    of waiting where that answers nothing; both are off once there is nothing left to be found.
    """
    lines = ["export PULUMI_SKIP_UPDATE_CHECK=true"]
    if plugins_in_place:
        lines.append("export PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true")
    return "\n".join(["", BEGIN, *lines, END, ""])


def with_block(script: str, wanted: str) -> str:
    """`script` with the block at its end, exactly once."""
    return BLOCK.sub("", script).rstrip("\n") + "\n" + wanted


@dataclass(frozen=True)
class Activation:
    """`.venv/bin/activate` ends with Strata's block."""

    checkout: Checkout
    engine: Engine
    title: str = "activation script"

    def finished(self) -> str | None:
        script = self.checkout.bin / "activate"
        if not script.is_file():
            return None
        text = script.read_text()
        return "source .venv/bin/activate" if with_block(text, self._wanted()) == text else None

    def run(self, progress: Progress) -> str:
        script = self.checkout.bin / "activate"
        script.write_text(with_block(script.read_text(), self._wanted()))
        return "source .venv/bin/activate"

    def _wanted(self) -> str:
        return block(plugins_in_place=self.engine.plugins_in_place())
