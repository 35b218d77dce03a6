#!/usr/bin/env bash
# One stack's nightly look: `tools/ci/drift.sh STACK`. Writes reports/drift.{json,xml,sarif,md}, the job's summary, and the exit code of
# `strata drift` as the output `code`. Ends with that code: 0 none, 7 drift, anything else could not tell.
set -euo pipefail
stack=${1:?usage: tools/ci/drift.sh STACK}
# shellcheck source=/dev/null
[ ! -f .venv/bin/activate ] || { set +u; source .venv/bin/activate; set -u; }

python3 tools/ci/with_credentials.py --mask
mkdir -p reports
rm -f reports/drift.{json,xml,sarif,md}
code=0
python3 tools/ci/with_credentials.py strata drift "$stack" --format json --output reports/drift.json \
    --also junit=reports/drift.xml --also sarif=reports/drift.sarif --also markdown=reports/drift.md \
    --earlier reports/earlier.json || code=$?

summary=${GITHUB_STEP_SUMMARY:-/dev/null}
if [ -f reports/drift.md ]; then
    cat reports/drift.md >>"$summary"
else
    printf '### Drift: %s could not be told\n\n`strata drift` ended with %d and wrote no report; the log of this job says why.\n' "$stack" "$code" >>"$summary"
fi
# A night that could not tell knows less than the night before, so it does not take its place.
case "$code" in
0 | 7) cp reports/drift.json reports/earlier.json ;;
esac
echo "code=$code" >>"${GITHUB_OUTPUT:-/dev/null}"
exit "$code"
