#!/bin/sh
# Renews the locks of requirements/ (each `NAME.txt` from its `NAME.in`): newest versions, hashes of every file, nothing else.
# With names (`lock.sh swift`) only those are renewed.
set -eu
cd "$(dirname "$0")/../.."

resolver=.cache/resolver
[ -x "$resolver/bin/uv" ] || { .venv/bin/python -m venv "$resolver" && "$resolver/bin/pip" install -q uv; }

renew() {
    new="requirements/$1.txt.new"
    {
        echo "# $2, exact and with the hashes of its files. Made from $1.in by \`make lock\`."
        "$resolver/bin/uv" pip compile -q --python-version 3.11 --python-platform x86_64-manylinux_2_28 --generate-hashes \
            --upgrade --no-header --no-annotate --no-emit-index-url "requirements/$1.in"
    } >"$new" || { rm -f "$new"; exit 1; }
    mv "$new" "requirements/$1.txt"
    echo "requirements/$1.txt renewed; make setup installs it"
}

[ $# -gt 0 ] || set -- requirements swift fidelity
for lock; do
    case "$lock" in
    requirements) renew requirements "Every Python package of Strata" ;;
    swift) renew swift "Every Python package of the lab's OpenStack Swift" ;;
    fidelity) renew fidelity "The Ansible that drives the CloudStack emulator" ;;
    *) echo "there is no lock called $lock: requirements, swift or fidelity" >&2 && exit 2 ;;
    esac
done
