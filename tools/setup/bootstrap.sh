#!/bin/sh
# Finds a Python that can run the set-up program, installing Debian's where there is none, and runs it.
set -eu
cd "$(dirname "$0")/../.."

# Debian's python3-minimal has no full standard library, so what set-up needs is asked for by name.
fits='import sys, hashlib, selectors, shutil, tempfile; sys.exit(sys.version_info < (3, 11))'

run_with_fitting_python() {
    for python in /usr/bin/python3 python3; do
        if "$python" -c "$fits" 2>/dev/null; then
            exec "$python" -m tools.setup "$@"
        fi
    done
}

refuse() {
    echo "set-up: $1" >&2
    exit 2
}

run_with_fitting_python "$@"

command -v apt-get >/dev/null || refuse "no Python 3.11 or later was found and this is not Debian: install Python 3.11, then run make setup again"
as_root=""
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || refuse "Python 3.11 is missing and installing it needs root: run 'apt-get install python3' as root, then make setup again"
    as_root=sudo
fi
echo "set-up: installing python3 with apt-get"
$as_root apt-get update -q && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends python3 ||
    refuse "apt-get could not install python3 (its answer stands above): check the network and /etc/apt/sources.list"

run_with_fitting_python "$@"
refuse "Debian's python3 is older than 3.11: Strata needs Debian 12 or later"
