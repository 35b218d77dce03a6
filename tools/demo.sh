#!/usr/bin/env bash
# The main job, shown: the lab comes up, one YAML file becomes a running Glance on an ONTAP volume and a CloudStack zone on Swift; a
# change past Strata is seen and put back; and the result is proven by use. Then the same with a CloudStack of the older era. The lab
# stays up, to look around in; `strata lab down` ends it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

set +u
# shellcheck source=/dev/null
source .venv/bin/activate
set -u

# The lab's passphrase is no secret: it protects nothing but the lab. Other environments ask for theirs.
export PULUMI_CONFIG_PASSPHRASE="${PULUMI_CONFIG_PASSPHRASE-strata-lab}"

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; "$@"; }

say strata validate lab lab-legacy
say strata lab up
say pulumi stack select --create lab
# With a refresh: a lab that was reset since the last demo has nothing of what the state says.
say pulumi up --refresh --yes --skip-preview --stack lab
say pulumi preview --refresh --expect-no-changes --stack lab

# Somebody changes something past Strata: one line says so, the exit code is 7, and `up` puts it back.
say python -m tools.demo outside
code=0
say strata drift lab || code=$?
[ "$code" = 7 ] || { echo "strata drift ended with $code; 7 is drift." >&2; exit 1; }
say pulumi up --refresh --yes --skip-preview --stack lab
say strata drift lab

say python -m tools.demo upload
say python -m tools.demo order

# CloudStack 3.0 to 4.1: a setting, a restart over SSH, Swift, and only then the zone.
say strata lab up --era legacy
say pulumi stack select --create lab-legacy
say pulumi up --refresh --yes --skip-preview --stack lab-legacy
say python -m tools.demo order
say strata verify lab-legacy

say strata lab up --era modern
say pulumi stack select lab
say strata verify lab
