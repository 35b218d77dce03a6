"""Export policies of a cluster as a stack file says them: with their volume, shared by several, or left as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from strata.adoption.draft import Component, Draft, Path
from strata.adoption.fitting import misfit
from strata.adoption.naming import key_for, named
from strata.adoption.ontap import Cluster, LivePolicy
from strata.provider import codec
from strata.provider.connections import Connections
from strata.provider.kinds.ontap_export_policy import ExportPolicy
from strata.provider.kinds.ontap_export_rules import ExportRule
from strata.provider.kinds.ontap_volume_args import VolumeArgs
from strata.stackfile import model

POLICIES: Final[Path] = ("strata:ontap", "exportPolicies")
SHARED: Final[Component] = ("OntapExportPolicies", "shared")
USUAL: Final[dict[str, tuple[Any, ...]]] = {
    **{key: (value,) for key, value in codec.encode(ExportRule(())).items() if key != "clients"},
    "anonymousUser": ("65534", "none"),
    "allowSuid": (True,),
    "allowDeviceCreation": (True,),
}
"""What a rule is where the stack file says nothing: Strata's defaults, and what ONTAP gives where nobody says otherwise."""


@dataclass(frozen=True)
class Access:
    """What stands under `exportPolicy` of the volumes that use a policy.

    shared    its key under exportPolicies
    rules     of a policy that one volume has for itself; None for one that Strata leaves alone
    """

    id: str
    name: str
    shared: str = ""
    rules: tuple[dict[str, Any], ...] | None = None

    @property
    def own(self) -> bool:
        """Whether the policy is a resource of its volume."""
        return not self.shared and self.rules is not None

    def entry(self, volume: str) -> Any:
        """As it stands in the entry of that volume."""
        if self.shared:
            return self.shared
        if self.rules is None:
            return {"existing": self.name}
        return {**named(volume, self.name), "rules": list(self.rules)}


@dataclass(frozen=True)
class Theirs:
    """What other stacks declare on the cluster: stacks by SVM and name."""

    volumes: Mapping[tuple[str, str], str]
    policies: Mapping[tuple[str, str], str]


async def accesses(
    draft: Draft,
    cluster: Cluster,
    volumes: Sequence[VolumeArgs],
    stack: model.StackFile,
    theirs: Theirs,
    connections: Connections,
) -> dict[tuple[str, str], Access]:
    """By SVM and name of the policy, for every policy that the volumes use; shared ones are put into the draft."""
    found: dict[tuple[str, str], Access] = {}
    for policy in cluster.policies:
        users = [one for one in volumes if (one.svm, one.export_policy) == (policy.svm, policy.name)]
        if users:
            found[policy.svm, policy.name] = await _access(
                draft, cluster, policy, len(users), stack, theirs, connections
            )
    return found


async def _access(
    draft: Draft,
    cluster: Cluster,
    policy: LivePolicy,
    users: int,
    stack: model.StackFile,
    theirs: Theirs,
    connections: Connections,
) -> Access:
    left_alone = Access(policy.id, policy.name)
    known = _declared(stack, cluster.name, policy)
    if known is not None:
        return Access(policy.id, policy.name, shared=known) if known else left_alone
    if policy.system or (policy.svm, policy.name) in theirs.policies:
        return left_alone
    rules = await _rules(draft, cluster, policy, connections)
    if rules is None or users == 1:
        return Access(policy.id, policy.name, rules=rules)
    key = key_for(policy.name, draft.keys(POLICIES))
    where = {"cluster": cluster.name} if len(stack.ontap.clusters) > 1 else {}
    draft.put((*POLICIES, key), {**where, "svm": policy.svm, **named(key, policy.name), "rules": list(rules)})
    draft.add((*POLICIES, key), ExportPolicy.token, key, policy.id, (SHARED,))
    return Access(policy.id, policy.name, shared=key)


def _declared(stack: model.StackFile, cluster: str, policy: LivePolicy) -> str | None:
    """The key of a policy that the stack file shares; empty for one that a volume has for itself; None for any other."""
    wanted = (cluster, policy.svm, policy.name)
    for key, one in stack.ontap.export_policies.items():
        if (one.cluster, one.svm, one.name) == wanted:
            return key
    owned = (volume.export_policy for volume in stack.ontap.volumes.values())
    mine = (one for one in owned if isinstance(one, model.ExportPolicy))
    return "" if any((one.cluster, one.svm, one.name) == wanted for one in mine) else None


async def _rules(
    draft: Draft, cluster: Cluster, policy: LivePolicy, connections: Connections
) -> tuple[dict[str, Any], ...] | None:
    kind = ExportPolicy(connections)
    observed = await kind.observe(policy.id)
    what = f"export policy {policy.name} of SVM {policy.svm} on {cluster.name}"
    if observed is None:
        draft.find(what, "it went away while it was looked at")
        return None
    rules = tuple(_rule(rule) for rule in observed.actual.rules)
    declared = {"cluster": cluster.name, "svm": policy.svm, "name": policy.name, "rules": list(rules)}
    if why := misfit(kind, declared, observed):
        draft.find(what, f"it is left as it is, for {why}")
        return None
    return rules


def _rule(rule: ExportRule) -> dict[str, Any]:
    return {key: value for key, value in codec.encode(rule).items() if value not in USUAL.get(key, ())}
