"""The provider as a process: `python -m strata.provider ENGINE_ADDRESS`, started by provider/pulumi-resource-strata."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from strata.provider.provider import StrataProvider
from strata.provider.registry import KINDS
from strata.provider.server import main


def project_folder() -> Path:
    """The folder that `{file: PATH}` is relative to: where the engine runs the project, the one with Pulumi.yaml."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "Pulumi.yaml").exists():
            return folder
    return Path(os.environ.get("STRATA_PROJECT", Path.cwd()))


if __name__ == "__main__":
    main(StrataProvider(KINDS, project_folder()), sys.argv[1:])
