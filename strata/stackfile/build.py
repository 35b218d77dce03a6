"""From a document without faults to the model: defaults, and names followed to what they name."""

from __future__ import annotations

from collections.abc import Mapping

from strata.stackfile.build_cloudstack import cloudstack
from strata.stackfile.build_drift import drift
from strata.stackfile.build_swift import swift
from strata.stackfile.filling import Values, connection, fill, secret, timeouts
from strata.stackfile.model import (
    Autosize,
    Cluster,
    Efficiency,
    ExistingPolicy,
    ExportPolicy,
    ExportRule,
    Glance,
    GlanceStore,
    Host,
    Migration,
    Mount,
    Ontap,
    SharedPolicy,
    StackFile,
    Volume,
)


def build(data: Values | None) -> StackFile:
    """The model of a document in which nothing is wrong."""
    config: Values = (data or {}).get("config") or {}
    ontap = _ontap(config.get("strata:ontap", {}))
    mounts = {
        key: _mount(key, values, ontap.volumes) for key, values in config.get("strata:mounts", {}).items()
    }
    return StackFile(
        ontap=ontap,
        hosts={key: _host(key, values) for key, values in config.get("strata:hosts", {}).items()},
        mounts=mounts,
        glance=_glance(config["strata:glance"], mounts) if "strata:glance" in config else None,
        swift=swift(config.get("strata:swift", {})),
        cloudstack=cloudstack(config["strata:cloudstack"], ontap.volumes, mounts)
        if "strata:cloudstack" in config
        else None,
        drift=drift(config.get("strata:drift", {})),
    )


def _ontap(values: Values) -> Ontap:
    clusters = {key: _cluster(key, one) for key, one in values.get("clusters", {}).items()}
    only = next(iter(clusters), "")
    return Ontap(
        clusters=clusters,
        export_policies={
            key: _policy(key, {"cluster": only, "name": key, **one})
            for key, one in values.get("exportPolicies", {}).items()
        },
        volumes={
            key: _volume(key, {"cluster": only, "name": key, **one})
            for key, one in values.get("volumes", {}).items()
        },
    )


def _cluster(key: str, values: Values) -> Cluster:
    return fill(
        Cluster,
        values,
        name=key,
        password=secret(values["password"], "strata:ontap", ("clusters", key, "password")),
        **connection(values, "hostname", "port", "username"),
    )


def _host(key: str, values: Values) -> Host:
    return fill(
        Host,
        values,
        name=key,
        private_key=secret(values["privateKey"], "strata:hosts", (key, "privateKey")),
        **connection(values, "address", "port", "user", "hostKey"),
    )


def _policy(key: str, values: Values) -> ExportPolicy:
    rules = tuple(fill(ExportRule, rule) for rule in values["rules"])
    return fill(ExportPolicy, values, key=key, rules=rules, timeouts=timeouts(values))


def _volume(key: str, values: Values) -> Volume:
    permissions = values.get("unixPermissions")
    return fill(
        Volume,
        values,
        key=key,
        export_policy=_policy_of(key, values),
        efficiency=fill(Efficiency, values["efficiency"]) if "efficiency" in values else None,
        autosize=fill(Autosize, values["autosize"]) if "autosize" in values else None,
        unix_permissions=permissions and permissions.zfill(4),
        timeouts=timeouts(values),
    )


def _policy_of(key: str, volume: Values) -> ExportPolicy | SharedPolicy | ExistingPolicy | None:
    """A policy of the volume's own bears the volume's name and lies in its SVM."""
    declared = volume.get("exportPolicy")
    if isinstance(declared, str):
        return SharedPolicy(declared)
    if declared is None:
        return None
    if "existing" in declared:
        return ExistingPolicy(declared["existing"])
    at = {name: volume[name] for name in ("cluster", "svm", "name")}
    return _policy(key, {**at, **declared})


def _mount(key: str, values: Values, volumes: Mapping[str, Volume]) -> Mount:
    volume = values.get("volume")
    return fill(
        Mount,
        values,
        key=key,
        hosts=tuple(values.get("hosts", ())) or (values["host"],),
        volume=volume,
        server=_bracketed(values["dataLif"] if volume else values["server"]),
        export=volumes[volume].junction_path if volume else values["export"],
        fsck_pass=values.get("pass", 0),
        timeouts=timeouts(values),
    )


def _bracketed(address: str) -> str:
    """As fstab wants it: an IPv6 address stands in brackets before the colon of the export."""
    return f"[{address}]" if ":" in address else address


def _glance(values: Values, mounts: Mapping[str, Mount]) -> Glance:
    store, moved = values["store"], values.get("migrateFrom", ())
    mode, name = store.get("mode"), store.get("mount")
    migration: Values = values.get("migration", {})
    return Glance(
        hosts=tuple(values["hosts"]),
        store=fill(
            GlanceStore,
            {"mount": name, "directory": mounts[name].path if name else None, **store},
            mode=mode and mode.zfill(4),
            timeouts=timeouts(store),
        ),
        migrate_from=(moved,) if isinstance(moved, str) else tuple(moved),
        migration=fill(
            Migration,
            migration,
            proof=str(migration.get("proof", "auto")),
            timeouts=timeouts(migration),
        ),
    )
