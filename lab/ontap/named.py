"""References by name or uuid: `svm.name`, `svm.uuid` or both, which then must mean the same object."""

from __future__ import annotations

from lab.ontap.errors import OntapError
from lab.ontap.model import Document
from lab.ontap.store import Store


def refer(
    store: Store, table: str, name: object, key: object, missing: OntapError, differ: OntapError
) -> Document:
    """The record that name or uuid mean."""
    by_name = store.find(table, "name", name) if name is not None else None
    by_key = store.table(table).get(str(key)) if key is not None else None
    if (name is not None and by_name is None) or (key is not None and by_key is None):
        raise missing
    if by_name is not None and by_key is not None and by_name is not by_key:
        raise differ
    found = by_key or by_name
    if found is None:
        raise missing
    return found


def svm_of(store: Store, body: Document) -> Document:
    """The SVM that a create names; both spellings are put into the body (facts: ontap 2)."""
    name, key = body.get("svm.name"), body.get("svm.uuid")
    if name is None and key is None:
        raise OntapError("2621707", 'No SVM was specified. Give either "svm.name" or "svm.uuid".', "svm")
    svm = refer(
        store,
        "svms",
        name,
        key,
        OntapError("2621462", f'SVM "{name or key}" does not exist.', "svm.name" if name else "svm.uuid"),
        OntapError("2621706", 'The specified "svm.uuid" and "svm.name" do not refer to the same SVM.', "svm"),
    )
    body.update({"svm.name": svm["name"], "svm.uuid": svm["uuid"]})
    return svm


def policy_named(store: Store, svm_uuid: object, name: object) -> Document | None:
    """The export policy of that name in that SVM."""
    policies = store.table("export_policies").values()
    return next((each for each in policies if (each["svm.uuid"], each["name"]) == (svm_uuid, name)), None)
