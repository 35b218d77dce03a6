#!/usr/bin/env bash
# Names the stacks that CI looks at, as a JSON list for a matrix: those of STRATA_STACKS (divided by spaces or commas), or every stack
# file but those that take what a lab makes (.lab/), which only the lab's machine reaches. None at all is an error: a night that looks
# at nothing would be green.
set -euo pipefail

stacks=$(tr ',[:space:]' '\n\n' <<<"${STRATA_STACKS:-}" | sed '/^$/d')
if [ -z "$stacks" ]; then
    # By what is in them: an environment of a site may be called labrador, and one of a lab dev.
    stacks=$(find stacks -maxdepth 1 -name 'Pulumi.*.yaml' ! -exec grep -qE "^[^#]*(file|caFile): *[\"']?\.lab/" {} \; -printf '%f\n' \
        | sed 's/^Pulumi\.\(.*\)\.yaml$/\1/' | sort)
fi
[ -n "$stacks" ] || { echo "There is no stack to look at: name some in STRATA_STACKS, or add stacks/Pulumi.<env>.yaml." >&2; exit 2; }
if bad=$(grep -vE '^[A-Za-z0-9._-]+$' <<<"$stacks"); then
    echo "STRATA_STACKS names what can't be a stack: $bad" >&2
    exit 2
fi
list=$(sed 's/.*/"&"/' <<<"$stacks" | paste -sd, -)
echo "stacks=[$list]" >>"${GITHUB_OUTPUT:-/dev/stdout}"
