"""Rules of an export policy, in the order of their index. Source: facts: ontap 2 ("Export rule defaults") and 4."""

from __future__ import annotations

from collections.abc import Collection as Names
from dataclasses import replace
from typing import Any

from lab.ontap.clientmatch import check_clients
from lab.ontap.errors import OntapError
from lab.ontap.exports import rules_of
from lab.ontap.model import Change, Collection, Document, Field, Shape
from lab.ontap.store import Store
from lab.ontap.system import System

_FLAVOURS = ("any", "none", "never", "krb5", "krb5i", "krb5p", "ntlm", "sys")
_PROTOCOLS = ("any", "nfs", "nfs3", "nfs4", "cifs", "flexcache", "s3")

EXPORT_RULES = Collection(
    table="export_rules",
    path="/api/protocols/nfs/export-policies/{policy.id}/rules",
    keys=("policy.id", "index"),
    identity=("policy.id", "index"),
    verbs=frozenset({"read", "create", "modify", "remove"}),
    references={"policy": "/api/protocols/nfs/export-policies", "svm": "/api/svm/svms"},
    arguments={"new_index": (9, 0)},
    fields=(
        Field("policy.id", shape=Shape.INTEGER),
        Field("policy.name"),
        Field("svm.name"),
        Field("svm.uuid"),
        Field("index", "pc", Shape.INTEGER),
        Field("clients", "pc", Shape.OBJECTS),
        Field("protocols", "pc", Shape.TEXTS, allowed=_PROTOCOLS),
        Field("ro_rule", "pc", Shape.TEXTS, allowed=_FLAVOURS),
        Field("rw_rule", "pc", Shape.TEXTS, allowed=_FLAVOURS),
        Field("superuser", "pc", Shape.TEXTS, allowed=_FLAVOURS),
        Field("anonymous_user", "pc"),
        Field("allow_suid", "pc", Shape.FLAG),
        Field("allow_device_creation", "pc", Shape.FLAG),
        Field("allow_nfs_tls_only", "pc", Shape.FLAG, since=(9, 15)),
        Field("chown_mode", "pc", allowed=("restricted", "unrestricted")),
        Field("ntfs_unix_security", "pc", allowed=("fail", "ignore")),
    ),
)

_DEFAULTS: Document = {
    "protocols": ["any"],
    "superuser": ["any"],
    "anonymous_user": "none",
    "allow_suid": True,
    "allow_device_creation": True,
    "chown_mode": "restricted",
    "ntfs_unix_security": "fail",
}
_SAMENESS = ("protocols", "ro_rule", "rw_rule", "superuser", "anonymous_user")


class ExportRules:
    """The behaviour of …/rules. The key is `<policy id>/<index>`."""

    def view(self, system: System, document: Document, asked: Names[str]) -> Document:
        """The rule with its policy's name and SVM."""
        policy = system.store.table("export_policies")[str(document["policy.id"])]
        names = {
            "policy.name": policy["name"],
            "svm.name": policy["svm.name"],
            "svm.uuid": policy["svm.uuid"],
        }
        return {
            **document,
            **names,
            **({"allow_nfs_tls_only": False} if system.settings.release >= (9, 15) else {}),
        }

    def check(self, system: System, change: Change) -> Change:
        """Judge the request."""
        policy, _, index = change.key.partition("/")
        if policy not in system.store.table("export_policies"):
            raise OntapError("1703954", "Export policy does not exist.", "policy.id")
        if change.verb == "create":
            rule = checked_rule(change.body)
            rules = rules_of(system.store, int(policy))
            _refuse_duplicate(rule, rules)
            number = rule.setdefault("index", max((int(each["index"]) for each in rules), default=0) + 1)
            return replace(change, key=f"{policy}/{number}", body=rule)
        if f"{policy}/{index}" not in system.store.table("export_rules"):
            raise OntapError("4", f"entry doesn't exist (rule {index} of export policy {policy})", "index")
        if "clients" in change.body:
            check_clients(_matches(change.body))
        if "0" in (change.arguments.get("new_index"), str(change.body.get("index"))):
            raise _index_zero()
        return change

    def apply(self, system: System, change: Change) -> None:
        """Do it; rules are written at once, without a job."""
        policy, _, index = change.key.partition("/")
        if change.verb == "create":
            add_rule(system.store, int(policy), change.body)
        elif change.verb == "remove":
            del system.store.table("export_rules")[change.key]
        else:
            rule = system.store.table("export_rules")[change.key]
            body = dict(change.body)
            target = change.arguments.get("new_index", body.pop("index", index))
            rule.update(body)
            if int(target) != int(index):
                _move(system.store, int(policy), rule, int(target))


def checked_rule(body: Document) -> Document:
    """A rule for a create, with the defaults; raises on what is missing or malformed."""
    for name in ("clients", "ro_rule", "rw_rule"):
        if not body.get(name):
            raise OntapError("2", f'The field "{name}" is required.', name)
    check_clients(_matches(body))
    if body.get("index") == 0:
        raise _index_zero()
    return {**_DEFAULTS, **body}


def add_rule(store: Store, policy: int, rule: Document) -> Document:
    """Append the rule, or put it at its index and move the rest down; the stored rule comes back."""
    rules = rules_of(store, policy)
    last = max((int(each["index"]) for each in rules), default=0)
    index = int(rule.get("index", last + 1))
    added = {**rule, "policy.id": policy, "index": index}
    if any(each["index"] == index for each in rules):
        for later in reversed([each for each in rules if each["index"] >= index]):
            _rekey(store, later, later["index"] + 1)
    store.table("export_rules")[f"{policy}/{index}"] = added
    return added


def refuse_duplicates(rules: list[Document]) -> None:
    """No two rules of one POST may say the same for a client."""
    for number, rule in enumerate(rules):
        if any(_same(rule, each) for each in rules[:number]):
            raise OntapError("1704071", "The export policy's rules contain duplicates.", "rules")


def _refuse_duplicate(rule: Document, rules: list[Document]) -> None:
    for each in rules:
        if _same(rule, each):
            raise OntapError(
                "1704070", f"A rule like this exists already, at index {each['index']}.", "rules"
            )


def _same(one: Document, other: Document) -> bool:
    plain = all(one.get(name) == other.get(name) for name in _SAMENESS)
    return plain and sorted(_matches(one)) == sorted(_matches(other))


def _matches(rule: dict[str, Any]) -> list[str]:
    return [str(each.get("match", "")) for each in rule["clients"]]


def _move(store: Store, policy: int, rule: Document, target: int) -> None:
    rules = [each for each in rules_of(store, policy) if each is not rule]
    rules.insert(min(target, len(rules) + 1) - 1, rule)
    for each in rules:
        store.table("export_rules").pop(f"{policy}/{each['index']}", None)
    for number, each in enumerate(rules, start=1):
        each["index"] = number
        store.table("export_rules")[f"{policy}/{number}"] = each


def _rekey(store: Store, rule: Document, index: int) -> None:
    table = store.table("export_rules")
    table.pop(f"{rule['policy.id']}/{rule['index']}", None)
    rule["index"] = index
    table[f"{rule['policy.id']}/{index}"] = rule


def _index_zero() -> OntapError:
    return OntapError("3277162", "Rule index 0 is not valid; the first rule has index 1.", "index")
