"""`python -m strata.cli.lab` is `strata lab`."""

from __future__ import annotations

import sys

from strata.cli.main import main

sys.exit(main(["lab", *sys.argv[1:]]))
