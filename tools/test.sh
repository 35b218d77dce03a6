#!/usr/bin/env bash
# Every test in one run; pytest's own last line counts them. Further arguments go to pytest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# As in an activated environment: the engine and its language host are found in .venv/bin. Activation's own
# variables are read from the script, so that there is one place that says them.
set +u
# shellcheck source=/dev/null
source .venv/bin/activate
set -u

exec python -m pytest -ra --durations=15 "$@"
