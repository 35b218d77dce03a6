"""What `make demo` shows beside the commands that an operator types.

upload   images through Glance's API, then looked for in the directory that ganesha exports
order    from CloudStack's journal: the Swift store was listed before any call about a zone
outside  somebody switches deduplication off on the cluster, past Strata
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

import httpx

from lab import privileged
from lab.environment import Lab
from tools.demo.images import contents
from tools.demo.order import Asked, order_of
from tools.demo.outside import efficiency_off


def main() -> int:
    """Exit status 0 when what is shown is as it should be."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["upload", "order", "outside"])
    parser.add_argument("--lab", default="lab", metavar="NAME")
    parser.add_argument("--images", type=int, default=3, metavar="N", help="how many (default: %(default)s)")
    arguments = parser.parse_args()
    lab = Lab(arguments.lab)
    if arguments.action == "outside":
        return _outside(lab)
    return _order(lab) if arguments.action == "order" else _upload(lab, arguments.images)


def _outside(lab: Lab) -> int:
    with lab.ontap() as client:
        print(f"cluster01::> {efficiency_off(client)}")
    return 0


def _order(lab: Lab) -> int:
    """The numbers are those of the journal, `strata lab journal --part cloudstack`."""
    era = str(lab.status()["cloudstack"]["era"])
    with lab.cloudstack() as client:
        entries = client.get("/_lab/journal").raise_for_status().json()["entries"]
    asked = [
        Asked(one["seq"], one["query"].get("command", ""), one["write"], one["status"] == 200)
        for one in entries
    ]
    order = order_of(asked, era)
    print(f"CloudStack of the {era} era, {len(asked)} requests so far:")
    for what, one in (("added", order.added), ("listed", order.listed), ("first zone call", order.zone)):
        print(f"    {what:<16} {f'request {one.number:>4}  {one.command}' if one else 'none'}")
    print(
        "The Swift store came first."
        if order.holds
        else "A ZONE CALL CAME BEFORE THE SWIFT STORE WAS LISTED."
    )
    return 0 if order.holds and order.zone is not None else 1


def _upload(lab: Lab, images: int) -> int:
    """Every image lies on the volume with the hash that Glance recorded."""
    status = lab.status()
    directory = Path(status["ontap"]["exports"]["/images"])
    with httpx.Client(base_url=status["glance"]["url"], timeout=120) as glance:
        known = {
            image["name"]: image["id"]
            for image in glance.get("/v2/images").raise_for_status().json()["images"]
        }
        right = [
            _shown(glance, directory, name, content, known.get(name)) for name, content in contents(images)
        ]
    return 0 if all(right) else 1


def _shown(glance: httpx.Client, directory: Path, name: str, content: bytes, id: str | None) -> bool:
    """Upload one image, unless an earlier demo has, and compare three hashes: sent, recorded by Glance, exported by ganesha."""
    id = id or _uploaded(glance, name, content)
    recorded = glance.get(f"/v2/images/{id}").raise_for_status().json()
    with privileged.opened(directory / id) as file:
        stored = hashlib.sha512(file.read()).hexdigest()
    right = bool(stored == recorded["os_hash_value"] == hashlib.sha512(content).hexdigest())
    print(f"{name}  {len(content) // 1024 // 1024} MiB  image {id}")
    print(f"    Glance recorded    {recorded['os_hash_algo']} {recorded['os_hash_value'][:32]}…")
    print(f"    exported /images/  sha512 {stored[:32]}…  {'the same' if right else 'NOT THE SAME'}")
    return right


def _uploaded(glance: httpx.Client, name: str, content: bytes) -> str:
    record = {"name": name, "disk_format": "raw", "container_format": "bare"}
    id = str(glance.post("/v2/images", json=record).raise_for_status().json()["id"])
    headers = {"Content-Type": "application/octet-stream"}
    glance.put(f"/v2/images/{id}/file", content=content, headers=headers).raise_for_status()
    return id


if __name__ == "__main__":
    sys.exit(main())
