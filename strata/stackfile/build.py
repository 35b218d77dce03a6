"""From a document without faults to the model: defaults, and names followed to what they name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from strata.stackfile.model import (
    Autosize,
    Cluster,
    Efficiency,
    Encrypted,
    ExistingPolicy,
    ExportPolicy,
    ExportRule,
    Given,
    Glance,
    GlanceStore,
    Host,
    Mount,
    Ontap,
    Outside,
    Secret,
    SharedPolicy,
    StackFile,
    Timeouts,
    Volume,
)

T = TypeVar("T")
Values = Mapping[str, Any]


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
    return _fill(
        Cluster,
        values,
        name=key,
        password=_secret(values["password"], "strata:ontap", ("clusters", key, "password")),
        **_connection(values, "hostname", "port", "username"),
    )


def _host(key: str, values: Values) -> Host:
    return _fill(
        Host,
        values,
        name=key,
        private_key=_secret(values["privateKey"], "strata:hosts", (key, "privateKey")),
        **_connection(values, "address", "port", "user", "hostKey"),
    )


def _policy(key: str, values: Values) -> ExportPolicy:
    rules = tuple(_fill(ExportRule, rule) for rule in values["rules"])
    return _fill(ExportPolicy, values, key=key, rules=rules, timeouts=_timeouts(values))


def _volume(key: str, values: Values) -> Volume:
    permissions = values.get("unixPermissions")
    return _fill(
        Volume,
        values,
        key=key,
        export_policy=_policy_of(key, values),
        efficiency=_fill(Efficiency, values["efficiency"]) if "efficiency" in values else None,
        autosize=_fill(Autosize, values["autosize"]) if "autosize" in values else None,
        unix_permissions=permissions and permissions.zfill(4),
        timeouts=_timeouts(values),
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
    return _fill(
        Mount,
        values,
        key=key,
        hosts=tuple(values.get("hosts", ())) or (values["host"],),
        volume=volume,
        server=_bracketed(values["dataLif"] if volume else values["server"]),
        export=volumes[volume].junction_path if volume else values["export"],
        fsck_pass=values.get("pass", 0),
        timeouts=_timeouts(values),
    )


def _bracketed(address: str) -> str:
    """As fstab wants it: an IPv6 address stands in brackets before the colon of the export."""
    return f"[{address}]" if ":" in address else address


def _glance(values: Values, mounts: Mapping[str, Mount]) -> Glance:
    store = values["store"]
    mode = store.get("mode")
    return Glance(
        hosts=tuple(values["hosts"]),
        store=_fill(
            GlanceStore,
            {"directory": mounts[store["mount"]].path, **store},
            mode=mode and mode.zfill(4),
            timeouts=_timeouts(store),
        ),
    )


def _timeouts(values: Values) -> Timeouts:
    return _fill(Timeouts, values.get("timeouts", {}))


def _secret(value: Values, section: str, path: tuple[str, ...]) -> Secret:
    return Encrypted(section, path) if "secure" in value else cast(Outside, _given(value))


def _connection(values: Values, *keys: str) -> dict[str, Given]:
    return {_snake(key): _given(values[key]) for key in keys if key in values}


def _given(value: Any) -> Given:
    if isinstance(value, Mapping):
        ((source, name),) = value.items()
        return Outside(source, name)
    return cast(str | int, value)


def _fill(cls: type[T], values: Values, **known: Any) -> T:
    """A dataclass from the keys that it knows; `known` goes before what stands in `values`, lists become tuples."""
    fields = {field.name for field in dataclasses.fields(cast(Any, cls))}
    plain = {_snake(key): tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return cls(**{name: value for name, value in {**plain, **known}.items() if name in fields})


def _snake(wire: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in wire)
