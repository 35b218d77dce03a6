"""Export policies of an SVM. Source: facts: ontap 2 (Export) and 8."""

from __future__ import annotations

from collections.abc import Collection as Names
from dataclasses import replace
from typing import Any

from lab.ontap.body import parse_body
from lab.ontap.errors import OntapError
from lab.ontap.export_rules import EXPORT_RULES, add_rule, checked_rule, refuse_duplicates
from lab.ontap.exports import rules_of
from lab.ontap.model import Change, Collection, Document, Field, Shape
from lab.ontap.named import policy_named, svm_of
from lab.ontap.store import Store
from lab.ontap.system import System

EXPORT_POLICIES = Collection(
    table="export_policies",
    path="/api/protocols/nfs/export-policies",
    keys=("id",),
    identity=("id", "name"),
    verbs=frozenset({"read", "create", "modify", "remove"}),
    references={"svm": "/api/svm/svms"},
    fields=(
        Field("id", shape=Shape.INTEGER),
        Field("name", "pc"),
        Field("svm.name", "p"),
        Field("svm.uuid", "p"),
        Field("rules", "pc", Shape.OBJECTS),
    ),
)


class ExportPolicies:
    """The behaviour of /api/protocols/nfs/export-policies."""

    def view(self, system: System, document: Document, asked: Names[str]) -> Document:
        """The policy with its rules."""
        hidden = ("policy.id",)
        rules = rules_of(system.store, document["id"])
        return {**document, "rules": [{k: v for k, v in each.items() if k not in hidden} for each in rules]}

    def check(self, system: System, change: Change) -> Change:
        """Judge the request; the key of a new policy is its number."""
        store, body = system.store, dict(change.body)
        if change.verb == "remove":
            _check_remove(store, _policy(store, change.key))
            return change
        if "rules" in body:
            body["rules"] = _checked_rules(body["rules"], system.settings.release)
        if change.verb == "create":
            if not body.get("name"):
                raise OntapError("2", 'The field "name" is required.', "name")
            svm_of(store, body)
            _check_name(store, body["svm.uuid"], body["name"])
            return replace(change, key=str(store.next_number("export_policies")), body=body)
        policy = _policy(store, change.key)
        if "name" in body and body["name"] != policy["name"]:
            _check_name(store, policy["svm.uuid"], body["name"])
        return replace(change, body=body)

    def apply(self, system: System, change: Change) -> None:
        """Do it; policies are written at once, without a job."""
        store, body = system.store, dict(change.body)
        rules = body.pop("rules", None)
        number = int(change.key)
        if change.verb == "create":
            store.table("export_policies")[change.key] = {"id": number, **body}
        elif change.verb == "modify":
            _policy(store, change.key).update(body)
        if rules is not None or change.verb == "remove":
            for rule in rules_of(store, number):
                del store.table("export_rules")[f"{number}/{rule['index']}"]
        for rule in rules or []:
            add_rule(store, number, rule)
        if change.verb == "remove":
            del store.table("export_policies")[change.key]


def _policy(store: Store, key: str) -> Document:
    policy = store.table("export_policies").get(key)
    if policy is None:
        raise OntapError("4", f"entry doesn't exist (export policy {key})", "id")
    return policy


def _check_name(store: Store, svm_uuid: str, name: str) -> None:
    if not name or any(each.isspace() for each in name):
        raise OntapError(
            "1703952", "Invalid ruleset name provided. No spaces allowed in a ruleset name.", "name"
        )
    if policy_named(store, svm_uuid, name) is not None:
        raise OntapError("1", f'Duplicate entry: export policy "{name}".', "name")


def _check_remove(store: Store, policy: Document) -> None:
    if policy["name"] == "default":
        raise OntapError("1703947", "The default export policy cannot be deleted.")
    for volume in store.table("volumes").values():
        if volume["nas.export_policy.id"] == policy["id"]:
            words = f'Export policy "{policy["name"]}" is in use by volume "{volume["name"]}".'
            raise OntapError("1703945", words)


def _checked_rules(rules: list[Any], release: tuple[int, int]) -> list[Document]:
    checked = [checked_rule(parse_body(EXPORT_RULES, "create", each, release)) for each in rules]
    refuse_duplicates(checked)
    return checked
