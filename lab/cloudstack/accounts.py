"""Users, their keys, and logging in and out."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lab.cloudstack.auth import same
from lab.cloudstack.commands import Call, Started, command
from lab.cloudstack.errors import ApiError
from lab.cloudstack.listing import listed, matching
from lab.ontap.model import Document

if TYPE_CHECKING:
    from lab.cloudstack.system import System

# What a user without a role of an administrator may ask here.
USER_MAY = frozenset(
    [
        "listApis",
        "listAsyncJobs",
        "listCapabilities",
        "listHypervisors",
        "listNetworkOfferings",
        "listNetworks",
        "listTemplates",
        "listUsers",
        "listZones",
        "logout",
        "queryAsyncJobResult",
        "registerUserKeys",
    ]
)
_LIMITS = (
    ("vm", 20, 0, 20),
    ("ip", 20, 0, 0),
    ("volume", 20, 0, 20),
    ("snapshot", 20, 0, 20),
    ("backup", 20, 0, 20),
    ("backupstorage", 400, 0, 400),
    ("template", 20, 0, 20),
    ("project", 10, 0, 10),
    ("network", 20, 0, 20),
    ("vpc", 20, 0, 20),
    ("cpu", 40, 0, 40),
    ("memory", 40960, 0, 40960),
    ("gpu", 20, 0, 20),
    ("primarystorage", 200, 0, 200),
    ("secondarystorage", 400, 0.0, 400.0),
    ("bucket", 20, 0, 20),
    ("objectstorage", 400, 0, 400),
)


def new_user(system: System, name: str, password: str, role: tuple[str, str], **more: Any) -> Document:
    """A user with an account of the same name. `role` is its type and its name: ("Admin", "Root Admin")."""
    domain = next(iter(system.store.table("domains")))
    kind = 1 if role[0] == "Admin" else 0
    account = system.add("accounts", name=name, accounttype=kind)
    return system.add(
        "users",
        username=name,
        password=password,
        account=name,
        accountid=account["uuid"],
        accounttype=kind,
        domainid=domain,
        roleid=system.store.find("roles", "name", role[1])["uuid"],  # type: ignore[index]
        roletype=role[0],
        rolename=role[1],
        **more,
    )


def by_key(system: System, key: str | None) -> Document | None:
    """The user of an API key."""
    users: Iterable[Document] = system.rows("users")
    return next((each for each in users if key and same(each.get("apikey") or "", key)), None)


def log_in(system: System, params: dict[str, str]) -> tuple[str, str, Document]:
    """A session's cookie, its key, and the body. Wrong name and wrong password look the same."""
    name, password = params.get("username", ""), params.get("password", "")
    user = next((each for each in system.rows("users") if each["username"] == name), None)
    if user is None or not same(str(user["password"]), password):
        text = f"Failed to authenticate user {name} in domain 1; please provide valid credentials"
        raise ApiError(531, text, None)
    cookie, session = system.sessions.start(user["uuid"], system.clock.now())
    body = {
        "username": name,
        "userid": user["uuid"],
        "domainid": user["domainid"],
        "timeout": 18000,
        "account": user["account"],
        "firstname": user["firstname"],
        "lastname": user["lastname"],
        "type": str(user["accounttype"]),
        "timezone": "UTC",
        "timezoneoffset": "0.0",
        "registered": "false",
        "sessionkey": session.key,
    }
    if not system.legacy:
        body.update(is2faenabled="false", is2faverified="true", issuerfor2fa="CloudStack")
    if not system.legacy and user["accounttype"] == 1:
        body["managementserverid"] = system.id
    return cookie, session.key, body


@command("listUsers", of="users")
def list_users(call: Call) -> Document:
    """All of them for an administrator; oneself otherwise."""
    rows = call.system.rows("users") if call.user["accounttype"] == 1 else [call.user]
    return listed(call, "user", [user_view(each) for each in matching(rows, call, "username", "account")])


def user_view(user: Document, fresh: bool = False) -> Document:
    """A user; never a password or a secret key. A fresh one lacks what only its account's list shows."""
    made = {
        "id": user["uuid"],
        **{name: user[name] for name in ("username", "firstname", "lastname", "email")},
    }
    made.update(created=user["created"], state="enabled", account=user["account"])
    made.update(accounttype=user["accounttype"], usersource="native", roleid=user["roleid"])
    made.update(
        roletype=user["roletype"], rolename=user["rolename"], domainid=user["domainid"], domain="ROOT"
    )
    if user.get("apikey"):
        made["apikey"] = user["apikey"]
    made.update(accountid=user["accountid"], iscallerchilddomain=False)
    made.update(isdefault=user["username"] == "admin", is2faenabled=False, is2famandated=False)
    return made if fresh else {**made, "apikeyaccess": "INHERIT"}


def _finish_keys(call: Call, _started: Started) -> Document:
    user = call.row("id", "users")
    user.update(apikey=secrets.token_urlsafe(64), secretkey=secrets.token_urlsafe(64))
    pair = call.system.add("key_pairs", userid=user["uuid"])
    admin = user["accounttype"] == 1
    keys = {
        "name": f"{user['~n']} - API key pair",
        "apikey": user["apikey"],
        "secretkey": user["secretkey"],
        "userid": user["uuid"],
        "username": user["username"],
        "id": pair["uuid"],
        "created": pair["created"],
        "accounttype": "ADMIN" if admin else "NORMAL",
        "accountid": user["accountid"],
        "accountname": user["account"],
        **{name: user[name] for name in ("roleid", "roletype", "rolename", "domainid")},
        "domain": "ROOT",
        "domainpath": "ROOT",
        "state": "ENABLED",
    }
    return {"userkeys": keys}


@command("registerUserKeys", required=("id",), of="users", eras=("legacy",))
def register_user_keys_at_once(call: Call) -> Document:
    """A new pair of keys; older releases answered at once."""
    keys = _finish_keys(call, Started())["userkeys"]
    return {"userkeys": {name: keys[name] for name in ("apikey", "secretkey")}}


@command(
    "registerUserKeys",
    required=("id",),
    of="users",
    eras=("modern",),
    job="admin.user.RegisterUserKeysCmd",
    finish=_finish_keys,
)
def register_user_keys(call: Call) -> Started:
    """A new pair of keys, by a job."""
    return Started(kind="User", instance=call.params["id"])


@command("createAccount", required=("username", "password", "firstname", "lastname", "email"))
def create_account(call: Call) -> Document:
    """An account with its first user."""
    admin = call.get("accounttype") == "1"
    names = {name: call.params[name] for name in ("firstname", "lastname", "email")}
    role = ("Admin", "Root Admin") if admin else ("User", "User")
    user = new_user(call.system, call.params["username"], call.params["password"], role, **names)
    made: dict[str, Any] = {
        "id": user["accountid"],
        "name": user["account"],
        "accounttype": user["accounttype"],
    }
    made.update(roleid=user["roleid"], roletype=user["roletype"], rolename=user["rolename"])
    made.update(domainid=user["domainid"], domain="ROOT", domainpath="ROOT")
    for what, limit, total, available in _LIMITS:
        made.update({f"{what}limit": str(limit), f"{what}total": total, f"{what}available": str(available)})
    made.update(vmstopped=0, vmrunning=0, state="enabled", created=user["created"])
    made.update(user=[user_view(user, fresh=True)], isdefault=False, groups=[], apikeyaccess="INHERIT")
    return {"account": made}
