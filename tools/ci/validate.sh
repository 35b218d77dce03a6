#!/usr/bin/env bash
# Holds every stack file to the schema and to itself, without passphrase and network. What is wrong stands in the job's summary too.
set -euo pipefail
# shellcheck source=/dev/null
[ ! -f .venv/bin/activate ] || { set +u; source .venv/bin/activate; set -u; }

mkdir -p reports
code=0
strata validate >reports/validate.txt 2>&1 || code=$?
cat reports/validate.txt
if [ "$code" != 0 ]; then
    { printf '### Stack files that are not good\n\n```\n'; head -c 60000 reports/validate.txt; printf '```\n'; } >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
fi
exit "$code"
