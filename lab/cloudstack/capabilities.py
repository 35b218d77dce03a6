"""What the server is: its version and abilities, and the commands of its era."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.cloudstack.accounts import USER_MAY
from lab.cloudstack.commands import COMMANDS, REFERENCES, Call, Command, changes, command
from lab.cloudstack.errors import PLAIN, failed
from lab.cloudstack.listing import listed
from lab.ontap.model import Document

if TYPE_CHECKING:
    from lab.cloudstack.system import System

_FLAGS = [
    "kubernetesserviceenabled",
    "kubernetesclusterexperimentalfeaturesenabled",
    "instancesstatsuseronly",
    "instancesdisksstatsretentionenabled",
    "instanceleaseenabled",
    "dynamicscalingenabled",
    "additionalconfigenabled",
    "allowuserviewalldomainaccounts",
    "snapshotshowchainsize",
]
_SINCE = {"addSwift": "3.0.0", "listSwifts": "3.0.0", "addImageStore": "4.2.0", "listImageStores": "4.2.0"}
# Parameters that the commands about stores take besides what is required of them.
_OPTIONAL = {
    "addImageStore": ("name", "url", "zoneid", "details"),
    "addSwift": ("account", "username", "key"),
}
_STORE_FIELDS = [
    "id",
    "name",
    "url",
    "protocol",
    "providername",
    "scope",
    "zoneid",
    "zonename",
    "readonly",
    "hasannotations",
    "disksizetotal",
    "disksizeused",
    "jobid",
    "jobstatus",
]


@command("listCapabilities")
def list_capabilities(call: Call) -> Document:
    """`regionsecondaryenabled` turns true with the first region-wide store; before 4.2 nobody knew of it."""
    system = call.system
    made: dict[str, Any] = {"securitygroupsenabled": False, "cloudstackversion": system.version}
    made.update(userpublictemplateenabled=True, supportELB="false", projectinviterequired=False)
    made.update(allowusercreateprojects=True)
    if system.legacy:
        return {"capability": made}
    region = any(row["scope"] == "REGION" for row in system.rows("image_stores"))
    made.update(dynamicrolesenabled=True, customdiskofferingminsize=1, customdiskofferingmaxsize=1024)
    made.update(regionsecondaryenabled=region, kvmsnapshotenabled=True, allowuserviewdestroyedvm=True)
    made.update(allowuserexpungerecovervm=True, allowuserexpungerecovervolume=True, allowuserforcestopvm=True)
    made.update(customhypervisordisplayname="Custom", defaultuipagesize=20, instancesstatsretentiontime=720)
    made.update(instancesdisksstatsretentiontime=720, sharedfsvmmincpucount=2, sharedfsvmminramsize=1024)
    made["extensionspath"] = "/usr/share/cloudstack-management/extensions"
    return {"capability": {**made, **dict.fromkeys(_FLAGS, False)}}


@command("listApis")
def list_apis(call: Call) -> Document:
    """One command, or all of the era; an administrator who asks for an unknown one gets an odd failure."""
    system, name = call.system, call.get("name")
    admin = call.user["accounttype"] == 1
    known = [each for (era, _), each in COMMANDS.items() if era == system.config.era]
    seen = [each for each in known if admin or each.name in USER_MAY]
    found = [each for each in seen if each.name == name]
    if name is not None and not found and admin:
        raise failed(
            'Cannot invoke "org.apache.cloudstack.api.ResponseObject.getObjectName()" because the return value of '
            '"java.util.List.get(int)" is null',
            PLAIN,
        )
    return listed(call, "api", [api_view(system, each) for each in found or seen])


def api_view(system: System, found: Command) -> Document:
    """A command as it describes itself; the texts are the emulator's own."""
    required = [_parameter(name, True) for name in found.required]
    optional = [_parameter(name, False) for name in _OPTIONAL.get(found.name, ())]
    made: dict[str, Any] = {"name": found.name, "description": (found.run.__doc__ or "").strip()}
    if found.name in _SINCE:
        made["since"] = _SINCE[found.name]
    made.update(isasync=found.job is not None, related="", params=required + optional)
    # The real server lists two fields of its answers without a name.
    made["response"] = [_field(name) for name in _STORE_FIELDS] + [{}, {}]
    if not system.legacy:
        made["httprequesttype"] = "POST" if changes(found.name) else "GET"
    return made


def _parameter(name: str, required: bool) -> Document:
    kind = "uuid" if name in REFERENCES else "map" if name == "details" else "string"
    made = {
        "name": name,
        "description": f"The {name}",
        "type": kind,
        "length": 2048 if name == "url" else 255,
    }
    made["required"] = required
    return {**made, "related": "createZone,updateZone,listZones"} if kind == "uuid" else made


def _field(name: str) -> Document:
    kinds = {"readonly": "boolean", "hasannotations": "boolean", "scope": "scopetype", "jobstatus": "integer"}
    return {"name": name, "description": f"The {name}", "type": kinds.get(name, "string")}
