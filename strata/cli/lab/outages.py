"""`strata lab fault nfs | swift | cloudstack | guest`: servers that stop, start and begin anew."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lab.addresses import GUESTS
from lab.environment import Lab, silent
from lab.failures import LabFailure
from lab.guest.image import cached_image
from lab.host import Host

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_commands(below: Subparsers, common: argparse.ArgumentParser) -> None:
    """Add one command for each server."""
    nfs = below.add_parser("nfs", parents=[common], help="stop or start the NFS server")
    nfs.add_argument("what", choices=["down", "up"])
    nfs.set_defaults(lab_action=_nfs)
    swift = below.add_parser("swift", parents=[common], help="stop or start Swift")
    swift.add_argument("what", choices=["down", "up"])
    swift.set_defaults(lab_action=_swift)
    cloudstack = below.add_parser("cloudstack", parents=[common], help="the management server's service")
    cloudstack.add_argument("what", choices=["restart", "down", "up"])
    cloudstack.set_defaults(lab_action=_cloudstack)
    guest = below.add_parser("guest", parents=[common], help="reboot, shut down, reset or start the guest")
    guest.add_argument("what", choices=["reboot", "reset", "poweroff", "start"])
    guest.add_argument(
        "--guest", default=GUESTS[0].name, choices=[each.name for each in GUESTS], help="which one"
    )
    guest.set_defaults(lab_action=_guest)


def _nfs(arguments: argparse.Namespace, lab: Lab) -> int:
    if arguments.what == "down":
        ended = lab.ganesha.stop()
        print("The NFS server is stopped." if ended else "The NFS server was not running.")
    else:
        lab.ganesha.start()
        print(f"The NFS server answers on 127.0.0.1 port {lab.ganesha.port}.")
    return 0


def _swift(arguments: argparse.Namespace, lab: Lab) -> int:
    if arguments.what == "down":
        print("Swift is stopped." if lab.swift.stop() else "Swift was not running.")
    else:
        lab.swift.start()
        print(f"Swift answers at {lab.swift.auth_url}.")
    return 0


def _cloudstack(arguments: argparse.Namespace, lab: Lab) -> int:
    {"down": lab.stop_management, "up": lab.start_management, "restart": lab.restart_management}[
        arguments.what
    ]()
    if arguments.what == "down":
        print("The management server is stopped.")
    else:
        print(f"The management server answers at {lab.management.endpoint}.")
    return 0


def _guest(arguments: argparse.Namespace, lab: Lab) -> int:
    host = next(each for each in _known(lab) if each.guest.name == arguments.guest)
    if arguments.what == "poweroff":
        print(f"{host.guest.name} is off." if host.stop() else f"{host.guest.name} was not running.")
        return 0
    if arguments.what == "start" and host.process is None:
        host.start(cached_image(lab.folder.cache, lambda words: silent("host", words)))
    elif arguments.what == "reboot":
        host.reboot()
    elif arguments.what == "reset" and not host.reset():
        raise LabFailure(f"The guest {host.guest.name} cannot be reset: it is not running.")
    host.wait_for_ssh()
    print(f"{host.guest.name} answers on SSH.")
    return 0


def _known(lab: Lab) -> list[Host]:
    return [Host(lab.folder, each) for each in GUESTS]
