#!/usr/bin/env bash
# What a change would do to one stack: `tools/ci/preview.sh STACK`. Writes reports/preview.md for the comment and the job's summary, and
# ends as `pulumi preview` does. A stack that was never brought up is shown as all new; its state is not begun.
set -euo pipefail
stack=${1:?usage: tools/ci/preview.sh STACK}
# shellcheck source=/dev/null
[ ! -f .venv/bin/activate ] || { set +u; source .venv/bin/activate; set -u; }

python3 tools/ci/with_credentials.py --mask
mkdir -p reports
preview() {
    python3 tools/ci/with_credentials.py pulumi preview --stack "$stack" --diff --non-interactive --color never \
        --suppress-progress >reports/preview.txt 2>&1
}

code=0
note=""
preview || code=$?
# The engine's code for a stack that its backend does not know.
if [ "$code" = 6 ]; then
    note="It was never brought up, so everything is new."
    elsewhere=$(mktemp -d)
    trap 'rm -rf "$elsewhere"' EXIT
    export PULUMI_BACKEND_URL="file://$elsewhere"
    code=0
    { pulumi stack init "$stack" --no-select --non-interactive >reports/preview.txt 2>&1 && preview; } || code=$?
fi
cat reports/preview.txt
python3 tools/ci/preview_markdown.py "$stack" "$code" "$note" <reports/preview.txt >reports/preview.md
cat reports/preview.md >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
exit "$code"
