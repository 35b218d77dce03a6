"""A probe image through Glance's API on the host itself: registered, uploaded, found on the store, downloaded, deleted.

The script below runs on the Glance host with the host's own Python and nothing but its standard library. A token for
Keystone, where there is one, comes on its standard input and is in no argument list.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any

from strata.clients.host import HostClient

SIZE = 4 * 1024 * 1024

SCRIPT = r"""
import configparser, hashlib, json, os, sys, time, urllib.error, urllib.request, uuid
given = json.loads(sys.stdin.readline())
conf = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True)
conf.read(given["config_file"])
port = conf.get("DEFAULT", "bind_port", fallback="9292")
base = "http://127.0.0.1:%s/v2/images" % port
def call(method, url, body=None, kind="application/json"):
    request = urllib.request.Request(url, data=body, method=method, headers={"Content-Type": kind})
    if given.get("token"):
        request.add_header("X-Auth-Token", given["token"])
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.read()
facts = {}
try:
    content = os.urandom(given["size"])
    hashed = hashlib.sha512(content).hexdigest()
    record = {"name": "strata-verify", "disk_format": "raw", "container_format": "bare"}
    image = json.loads(call("POST", base, json.dumps(record).encode()))["id"]
    facts["image"] = image
    try:
        call("PUT", "%s/%s/file" % (base, image), content, "application/octet-stream")
        shown = json.loads(call("GET", "%s/%s" % (base, image)))
        path = os.path.join(given["directory"], image)
        facts["registered"] = shown.get("os_hash_value") == hashed
        facts["stored"] = os.path.exists(path) and hashlib.sha512(open(path, "rb").read()).hexdigest() == hashed
        facts["downloaded"] = hashlib.sha512(call("GET", "%s/%s/file" % (base, image))).hexdigest() == hashed
    finally:
        call("DELETE", "%s/%s" % (base, image))
        facts["deleted"] = not os.path.exists(os.path.join(given["directory"], image))
except urllib.error.HTTPError as error:
    facts["error"] = "HTTP %s from %s" % (error.code, error.url)
    facts["unauthorized"] = error.code == 401
except OSError as error:
    facts["error"] = str(error)
print(json.dumps(facts))
"""


@dataclass(frozen=True)
class Probed:
    """What became of the probe image; `error` None when every step was answered."""

    image: str | None
    registered: bool
    stored: bool
    downloaded: bool
    deleted: bool
    error: str | None
    unauthorized: bool


async def probe(host: HostClient, directory: str, config_file: str, token: str | None) -> Probed:
    """Send a probe image of 4 MiB through Glance on `host`; `directory` is where its file has to lie meanwhile."""
    given = {"directory": directory, "config_file": config_file, "token": token, "size": SIZE}
    script = f"exec python3 -c {shlex.quote(SCRIPT)}"
    printed = await host.run(
        script, input=json.dumps(given).encode() + b"\n", doing="sending a probe image through Glance"
    )
    facts: dict[str, Any] = json.loads(printed)
    steps = {
        step: bool(facts.get(step))
        for step in ("registered", "stored", "downloaded", "deleted", "unauthorized")
    }
    return Probed(image=facts.get("image"), error=facts.get("error"), **steps)
