#!/bin/sh
# Renews requirements/requirements.txt from requirements.in: newest versions, hashes of every file, nothing else.
set -eu
cd "$(dirname "$0")/../.."

resolver=.cache/resolver
[ -x "$resolver/bin/uv" ] || { .venv/bin/python -m venv "$resolver" && "$resolver/bin/pip" install -q uv; }

new=requirements/requirements.txt.new
{
    echo "# Every Python package of Strata, exact and with the hashes of its files. Made from requirements.in by \`make lock\`."
    "$resolver/bin/uv" pip compile -q --python-version 3.11 --python-platform x86_64-manylinux_2_28 --generate-hashes \
        --upgrade --no-header --no-annotate --no-emit-index-url requirements/requirements.in
} >"$new" || { rm -f "$new"; exit 1; }
mv "$new" requirements/requirements.txt
echo "requirements/requirements.txt renewed; make setup installs it"
