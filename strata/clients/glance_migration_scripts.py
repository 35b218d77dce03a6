"""What a host runs around the program that moves Glance's images: put it there, start it detached, look, end. Constants only."""

from __future__ import annotations

from typing import Final

UPLOAD: Final = """
umask 077
mkdir -p -- {folder}
new=$(mktemp -- {folder}/.program-XXXXXX)
trap 'rm -f -- "$new"' EXIT
cat >"$new"
case $(sha256sum <"$new") in {version}*) ;; *) echo 'the program did not arrive whole; nothing was started' >&2; exit 1 ;; esac
for old in {folder}/program-*.py; do if [ "$old" != {program} ]; then rm -f -- "$old"; fi; done
mv -fT -- "$new" {program}
"""

WRITE: Final = """
umask 077
mkdir -p -- "$(dirname -- {path})"
new=$(mktemp -- {path}.XXXXXX)
trap 'rm -f -- "$new"' EXIT
cat >"$new"
[ -s "$new" ] || {{ echo 'the content did not arrive; nothing was changed' >&2; exit 1; }}
sync -- "$new"
mv -fT -- "$new" {path}
sync -- "$(dirname -- {path})"
"""
"""Content by standard input, in place at one stroke."""

TAKE_BACK: Final = """
for back in {folder}/*/back; do
  if grep -qsxF -e {name} -- "$back"; then
    left=$(grep -vxF -e {name} -- "$back" || true)
    if [ -n "$left" ]; then printf '%s\\n' "$left" >"$back.new"; mv -fT -- "$back.new" "$back"; else rm -f -- "$back"; fi
  fi
done
"""
"""One host's name goes out of every mark; a mark without a name goes itself."""

RUNNER: Final = r"""
command=$1 program=$2 journal=$3
shift 3
cd /
umask 077
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
code=0
if [ -p "$journal/token" ]; then
  exec 3<>"$journal/token"
  timeout 60 head -n 1 <&3 | python3 "$program" "$@" >"$journal/.answer-$command" 2>"$journal/said-$command" || code=$?
  rm -f -- "$journal/token"
else
  python3 "$program" "$@" >"$journal/.answer-$command" 2>"$journal/said-$command" </dev/null || code=$?
fi
[ -s "$journal/.answer-$command" ] || printf '{"died": %d}\n' "$code" >"$journal/.answer-$command"
sync -- "$journal/.answer-$command"
mv -fT -- "$journal/.answer-$command" "$journal/answer-$command.json"
"""
"""One command of the program as a unit: its answer appears whole when it has ended. The token comes by a named pipe, which is on
no disk. No braces around a variable: systemd would fill them in."""

START: Final = """
umask 077
mkdir -p -- {journal}
state() {{ systemctl is-active -- {unit} 2>/dev/null || true; }}
if [ -e {running} ] && grep -Fq -- {run} {running}; then echo begun; exit 0; fi
tries=0
while case $(state) in active | activating | deactivating | reloading) true ;; *) false ;; esac; do
  tries=$((tries + 1))
  [ "$tries" -le 20 ] || {{ echo strata-at-work >&2; exit 1; }}
  sleep 0.25
done
rm -f -- {journal}/answer-{command}.json {journal}/go {journal}/token
[ {token} = no ] || mkfifo -- {journal}/token
{input}
printf '%s\\n' {noted} >{running}.new
mv -fT -- {running}.new {running}
systemctl reset-failed -- {unit} 2>/dev/null || true
systemd-run --quiet --collect --unit={unit} --description={description} -- \\
  /bin/sh -c {runner} strata-migration {command} {program} {journal} {arguments}
[ {token} = no ] || timeout -s KILL 30 sh -c 'cat >"$1"' sh {journal}/token
echo begun
"""
"""Begins a command detached; handed over twice after a lost answer it is begun once. A unit that is just ending is waited for."""

GO: Final = """
if [ -e {journal}/go ]; then exit 0; fi
case $(systemctl is-active -- {unit} || true) in
active | activating) ;;
*) echo strata-not-waiting >&2; exit 1 ;;
esac
touch -- {journal}/go
"""

POLL: Final = {
    # In this order: an answer that is read after the unit has ended is the last one.
    "active": "if [ {slow} = no ] && [ ! -e {journal}/answer-{command}.json ]; then echo unknown; "
    "else systemctl is-active -- {unit} || true; fi",
    "state": "cat -- {journal}/state.json",
    "answer": "cat -- {journal}/answer-{command}.json",
    "said": "tail -n 1 -- {journal}/said-{command}",
}

LOOK: Final = {
    "active": "systemctl is-active -- {unit} || true",
    "running": "cat -- {folder}/running.json",
    "record": "cat -- {folder}/record.json",
    "back": "cat -- {folder}/back",
    "state": """journal=$(sed -n 's/.*"journal": "\\([^"]*\\)".*/\\1/p' {folder}/running.json)
cat -- "$journal/state.json" """,
    "answered": """journal=$(sed -n 's/.*"journal": "\\([^"]*\\)".*/\\1/p' {folder}/running.json)
command=$(sed -n 's/.*"command": "\\([^"]*\\)".*/\\1/p' {folder}/running.json)
cat -- "$journal/answer-$command.json" """,
}

JOURNALS: Final = """
cd {folder}/moves 2>/dev/null || exit 0
for one in *; do
  if [ -f "$one/state.json" ]; then printf '%s %s\\n' "$one" "$(tr -d '\\n' <"$one/state.json")"; fi
done
"""
"""A line for each journal: its name, and its state as one line."""

OBSERVER: Final = r"""
import io, json, os, sys
folder = sys.argv[1]
text = sys.stdin.read()
try:
    record = json.load(open(os.path.join(folder, "record.json"), encoding="utf-8"))
except FileNotFoundError:
    print(json.dumps({"record": None}))
    sys.exit(0)
journal = os.path.join(folder, "moves", record["move"])
try:
    state = json.load(open(os.path.join(journal, "state.json"), encoding="utf-8"))
except (FileNotFoundError, ValueError):
    state = {}
exec(compile(text, "strata-migration", "exec"), {"__name__": "strata_migration"})
from strata.migration.main import main
out = io.StringIO()
old = [part for one in record["sources"] for part in ("--from", one)]
old += [part for one in record.get("leave", []) for part in ("--leave", one)]
main(
    ["check", "--journal", journal, "--config", record["config_file"], *old, "--to", record["directory"],
     "--no-probe", "--target-absent"],
    out,
)
print(json.dumps({"record": record, "state": state, "check": json.loads(out.getvalue())}))
"""
"""Reads the record and looks, with the program on its standard input, at what it is about: one round trip, nothing written."""
