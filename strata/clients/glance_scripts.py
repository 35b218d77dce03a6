"""What a host runs to look at Glance, to wait for its API and to ask its database. Constants only."""

from __future__ import annotations

from typing import Final

LOOK_BEFORE: Final = r"""
config={config} section={section} service={service}
if [ -z "$service" ]; then
  for one in /etc/systemd/system/*.service.d/{name}; do
    if [ -e "$one" ] && grep -Fxq -- {mark} "$one"; then service=${{one%.service.d/*}}; service=${{service##*/}}; fi
  done
fi
if [ -z "$service" ]; then
  for one in {services}; do
    if [ "$(systemctl show -p LoadState --value -- "$one")" = loaded ]; then service=$one; break; fi
  done
fi
service=${{service:-glance-api}}
guard="/etc/systemd/system/$service.service.d/{name}"
path=
if [ -e "$guard" ]; then
  path=$(sed -n 's/^Environment="{variable}=\(.*\)"$/\1/p' "$guard" | sed 's/%%/%/g; s/\\\(.\)/\1/g')
fi
if [ -z "$path" ] && [ -e "$config" ]; then
  path=$(awk -v want="[$section]" '/^\[/ {{ here = index($0, want) == 1 }}
    here && /^{option}[ \t]*[=:]/ {{ sub(/^[^=:]*[=:][ \t]*/, ""); sub(/[ \t\r]*$/, ""); value = $0 }}
    END {{ print value }}' "$config")
fi
unit=$(systemctl show -p LoadState -p ActiveState -p SubState -p MainPID -p NeedDaemonReload -p DropInPaths -- "$service")
"""
"""Finds the service, the drop-in and the directory: that of the drop-in, else that of the configuration."""

LOOK: Final = {
    # Of options that are not wanted not even the value leaves the host: passwords stand there.
    "config": r"""[ ! -e "$config" ] || { echo; awk '/^[#;]/ { next } /^[ \t\r]*$/ { keep = 0; print ""; next }
    /^\[/ { keep = 0; print; next }
    /^[ \t]/ { if (keep) print; next }
    { name = $0; sub(/[ \t]*[=:].*/, "", name); keep = name ~ /^(NAMES)$/; if (keep) print }' "$config"; }""",
    "service": 'printf %s "$service"',
    "guard": 'cat -- "$guard"',
    "unit": 'printf "%s\\n" "$unit"',
    "started": r"""pid=$(printf '%s\n' "$unit" | sed -n 's/^MainPID=//p')
    [ "${pid:-0}" != 0 ] || exit 0
    said="NOTES/reloaded-$service"
    began() { sed 's/.*) //' "/proc/$pid/stat" | cut -d ' ' -f 20; }
    # One that was told while it ran: its environment is still that of its start. The note holds for that process only.
    if [ -e "$said" ] && [ "$(sed -n 1p "$said")" = "$pid $(began)" ]; then sed -n 2p "$said"
    else tr '\0' '\n' <"/proc/$pid/environ" | sed -n 's/^VARIABLE=//p'; fi""",
    "mountinfo": "cat /proc/self/mountinfo",
    "path": 'printf %s "$path"',
    # A dead NFS server lets stat hang; waiting for NFS ends only by SIGKILL. Only ENOENT says that there is no directory.
    "directory": """[ -n "$path" ] || exit 0
    code=0
    said=$(timeout -s KILL 8 stat -c '%U %G %a' -- "$path" 2>&1) || code=$?
    case $code:$said in
    0:*) printf %s "$said" ;;
    124:* | 137:*) echo '! it does not answer' ;;
    *"No such file or directory"*) ;;
    *) printf '! %s' "$said" ;;
    esac""",
}

# Glance asks once, at its start, and takes no image ever after when the answer is no. Right after a volume was made the answer
# may still be an older one (seen on a fresh lab: 20 s after the chown); another chown makes client and server look again.
WRITABLE: Final = """tries=0
until runuser -u {owner} -- test -w {at}; do
  tries=$((tries + 1))
  [ "$tries" -le 30 ] || {{ echo strata-not-writable >&2; exit 1; }}
  sleep 1
  chown {owner} -- {at}
done
[ "$tries" = 0 ] || echo "strata-tries $tries" >&2"""

WAIT: Final = rb"""
import socket, subprocess, sys, time
address, port, service, seconds = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
end, why = time.monotonic() + seconds, "it was not tried"
while time.monotonic() < end:
    state = subprocess.run(["systemctl", "is-active", "--", service], capture_output=True, text=True).stdout.strip()
    if state == "failed":
        sys.exit(f"the service {service} failed")
    try:
        with socket.create_connection((address, port), 5) as api:
            api.settimeout(20)
            api.sendall(f"GET / HTTP/1.0\r\nHost: {address}\r\n\r\n".encode())
            # Any answer will do, and so does the alert of a server that wants TLS.
            if api.recv(1):
                sys.exit(0)
            why = "it closed the connection without an answer"
    except OSError as error:
        why = str(error)
    time.sleep(0.5)
sys.exit(f"its API on {address}:{port} did not answer within {seconds:g} s: {why} (the service is {state})")
"""

IMAGES: Final = rb"""
import configparser, json, os, sys
import sqlalchemy
config_file, directory = sys.argv[1], sys.argv[2].rstrip("/")
parser = configparser.RawConfigParser(strict=False, allow_no_value=True, inline_comment_prefixes=None, default_section="no such")
parser.read_string("[DEFAULT]\n" + open(config_file, encoding="utf-8", errors="surrogateescape").read())
def option(section, name):
    return parser.get(section, name, fallback=None) or None
connection = option("database", "connection")
if not connection:
    sys.exit(f"{config_file} has no [database] connection")
if option("DEFAULT", "metadata_encryption_key"):
    sys.exit("the locations in the database are encrypted (metadata_encryption_key)")
url = sqlalchemy.engine.make_url(connection.strip("\"'"))
if url.drivername.startswith("sqlite") and not os.path.exists(url.database or ""):
    print(json.dumps({"count": 0, "first": []}))
    sys.exit(0)
try:
    engine = sqlalchemy.create_engine(url)
    found = []
    if sqlalchemy.inspect(engine).has_table("image_locations"):
        like = "file://" + directory.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "/%"
        query = sqlalchemy.text(
            "SELECT DISTINCT i.name, i.id FROM image_locations l JOIN images i ON i.id = l.image_id"
            " WHERE l.deleted = :no AND i.deleted = :no AND l.value LIKE :below ESCAPE '!' ORDER BY i.name, i.id"
        )
        with engine.connect() as open_connection:
            found = [list(row) for row in open_connection.execute(query, {"no": False, "below": like})]
except Exception as error:
    # Its words may hold the connection's text, password included.
    sys.exit(f"the database did not answer ({type(error).__name__})")
print(json.dumps({"count": len(found), "first": found[:10]}))
"""
