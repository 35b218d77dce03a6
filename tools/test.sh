#!/usr/bin/env bash
# Every test, in two processes: first all that needs no lab, then in one of them the lab's (tests/conftest.py). pytest's own last
# line counts all. With arguments it is pytest in one process.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# As in an activated environment: the engine and its language host are found in .venv/bin. Activation's own
# variables are read from the script, so that there is one place that says them.
set +u
# shellcheck source=/dev/null
source .venv/bin/activate
set -u

[ $# -gt 0 ] || set -- --numprocesses 2
exec python -m pytest -ra --durations=15 "$@"
