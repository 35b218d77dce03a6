"""What the schema can't say about clusters, export policies and volumes: names that must exist or be unlike, and limits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from strata.stackfile import clientmatch, sizes
from strata.stackfile.located import Path, render
from strata.stackfile.naming import dangling
from strata.stackfile.shape import Breach
from strata.stackfile.tree import CLUSTERS, POLICIES, VOLUMES, Entry, Tree, home


def breaches(tree: Tree) -> Iterator[Breach]:
    """Everything wrong in `strata:ontap` beyond the schema."""
    for check in (
        _clusters,
        _cluster_names,
        _policy_names,
        _twins,
        _volume_names,
        _limits,
        _compression,
        _clients,
    ):
        yield from check(tree)


def _clusters(tree: Tree) -> Iterator[Breach]:
    for cluster in tree.entries(CLUSTERS):
        if cluster.values.get("verifyTls") is False and "caFile" in cluster.values:
            yield (
                cluster.at("verifyTls"),
                "false accepts any certificate, so caFile would never be used; keep one of the two.",
            )


def _cluster_names(tree: Tree) -> Iterator[Breach]:
    known = tree.names(CLUSTERS)
    for entry in tree.entries(POLICIES) + tree.entries(VOLUMES):
        name = entry.text("cluster")
        if name is not None and name not in known:
            yield entry.at("cluster"), dangling(name, known, CLUSTERS)
        elif "cluster" not in entry.values and len(known) != 1:
            there = (
                f"strata:ontap.clusters has {len(known)} ({', '.join(sorted(known))})"
                if known
                else "strata:ontap.clusters has none"
            )
            yield (
                entry.path,
                f"cluster is missing; it can be left out only where there is exactly one, and {there}.",
            )


def _policy_names(tree: Tree) -> Iterator[Breach]:
    known = tree.names(POLICIES)
    for volume in tree.entries(VOLUMES):
        name = volume.text("exportPolicy")
        if name is None:
            yield from _existing(volume.inner("exportPolicy"))
        elif name not in known:
            existing = f" A policy that Strata doesn't manage is written {{existing: {name}}}."
            yield volume.at("exportPolicy"), dangling(name, known, POLICIES) + existing
        else:
            policy = tree.entry((*POLICIES, name))
            there, here = (home(policy, tree) if policy else None), home(volume, tree)
            if there and here and there != here:
                yield (
                    volume.at("exportPolicy"),
                    f"{name} belongs to SVM {there[1]} on {there[0]}, this volume to SVM {here[1]} on {here[0]}.",
                )


def _existing(policy: Entry) -> Iterator[Breach]:
    for key in ("name", "adopt"):
        if "existing" in policy.values and key in policy.values:
            yield (
                policy.at(key),
                "a policy that exists and isn't managed takes nothing but existing; remove this key.",
            )


def _twins(tree: Tree) -> Iterator[Breach]:
    """Names and junction paths that one SVM can have only once."""
    names: dict[tuple[str, str, str], Path] = {}
    paths: dict[tuple[str, str, str], Path] = {}
    policies: dict[tuple[str, str, str], Path] = {}
    for policy in tree.entries(POLICIES):
        name = policy.text("name") or policy.name
        yield from _twin(policies, home(policy, tree), name, _where(policy, "name"), "export policy")
    for volume in tree.entries(VOLUMES):
        at, name = home(volume, tree), volume.text("name") or volume.name
        yield from _twin(names, at, name, _where(volume, "name"), "volume")
        junction = volume.text("junctionPath")
        if junction:
            # ONTAP compares junction paths without regard to case.
            yield from _twin(paths, at, junction.lower(), volume.at("junctionPath"), "junction path")
        own = volume.inner("exportPolicy")
        if "rules" in own.values:
            yield from _twin(policies, at, own.text("name") or name, _where(own, "name"), "export policy")


def _twin(
    seen: dict[tuple[str, str, str], Path], at: tuple[str, str] | None, name: str, path: Path, what: str
) -> Iterator[Breach]:
    if at is None:
        return
    first = seen.setdefault((*at, name), path)
    if first != path:
        yield (
            path,
            f"SVM {at[1]} on {at[0]} would have the {what} {name} twice; the other one is {render(first)}.",
        )


def _where(entry: Entry, key: str) -> Path:
    return entry.at(key) if key in entry.values else entry.path


def _volume_names(tree: Tree) -> Iterator[Breach]:
    for volume in tree.entries(VOLUMES):
        if "name" not in volume.values and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,202}", volume.name):
            valid = re.sub("[^A-Za-z0-9_]", "_", volume.name).lstrip("0123456789") or "images"
            limits = "at most 203 letters, digits and underscores, the first no digit"
            sentence = f"{volume.name} can't be the volume's name on the cluster ({limits}); add a name"
            yield volume.path, f"{sentence}, for example name: {valid}."


def _limits(tree: Tree) -> Iterator[Breach]:
    for volume in tree.entries(VOLUMES):
        size = sizes.parse(volume.text("size"))
        if size is not None and size < sizes.SMALLEST_VOLUME:
            yield volume.at("size"), f"found {volume.values['size']}; ONTAP's smallest volume is 20MiB."
        autosize = volume.inner("autosize")
        largest, smallest = (
            sizes.parse(autosize.text("maximum")),
            sizes.parse(autosize.text("minimum")),
        )
        if size is not None and largest is not None and largest < size:
            yield (
                autosize.at("maximum"),
                f"found {autosize.values['maximum']}, less than the volume's size of {volume.values['size']}.",
            )
        if size is not None and smallest is not None and smallest > size:
            yield (
                autosize.at("minimum"),
                f"found {autosize.values['minimum']}, more than the volume's size of {volume.values['size']}.",
            )
        grow, shrink = autosize.values.get("growThreshold"), autosize.values.get("shrinkThreshold")
        if isinstance(grow, int) and isinstance(shrink, int) and shrink >= grow:
            yield (
                autosize.at("shrinkThreshold"),
                f"found {shrink}; it must be less than the growThreshold of {grow}.",
            )


def _compression(tree: Tree) -> Iterator[Breach]:
    for volume in tree.entries(VOLUMES):
        savings = volume.inner("efficiency")
        if savings.text("dedupe") == "none" and savings.text("compression") not in (None, "none"):
            yield (
                savings.at("compression"),
                "compression needs dedupe, which is none; write dedupe: background.",
            )


def _clients(tree: Tree) -> Iterator[Breach]:
    for policy in tree.entries(POLICIES) + [volume.inner("exportPolicy") for volume in tree.entries(VOLUMES)]:
        rules = policy.values.get("rules")
        for i, rule in enumerate(rules if isinstance(rules, list) else []):
            if isinstance(rule, dict):
                for path, client in Entry(str(i), (*policy.path, "rules", i), rule).texts("clients"):
                    sentence = clientmatch.complaint(client)
                    if sentence:
                        yield path, sentence
