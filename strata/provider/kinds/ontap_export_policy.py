"""An NFS export policy of an ONTAP SVM with its rules, in order.

Identity   cluster, svm, name; the id is `<cluster>/<policy id>`, so a rename is an update.
Ours       ONTAP has no place for a mark on it: a policy that is all that is declared counts as one that this stack made.
Drifts     the name, each rule, their number and their order.
Replaces   cluster, svm.
Import     `pulumi import strata:ontap:ExportPolicy NAME CLUSTER/ID` or `CLUSTER/SVM/NAME`.
Source     ONTAP REST 9.11 and newer, /protocols/nfs/export-policies; facts/ontap.md 1 and 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from strata.clients.ontap import OntapClient
from strata.clients.ontap_errors import AnswerLost, Duplicate
from strata.clients.ontap_existing import require
from strata.clients.ontap_transport import EXPORT_POLICY, EXPORT_RULE, SVM, VOLUME, Address, Document
from strata.errors import Failed, Problem, StrataError
from strata.provider.diff import Difference
from strata.provider.fields import managed, output, replaces, setting
from strata.provider.kind import AlreadyThere, Kind, Observed, Operation
from strata.provider.kinds.ontap_export_plan import Step, plan
from strata.provider.kinds.ontap_export_rules import RULE_FIELDS, ExportRule, fits, rule_body, rule_from

FIELDS = ("id", "name", "svm.name")
LOST_STEPS = 5
"""How often an update is planned afresh after an answer that never came."""


@dataclass(frozen=True)
class ExportPolicyArgs:
    """Who may mount the volumes that use the policy."""

    cluster: str = replaces("Cluster, by its name under strata:ontap.clusters.", example="cluster01")
    svm: str = replaces("SVM that it belongs to.", example="demo-nfs-svm")
    name: str = managed("Name; renamed in place, and the volumes that use it go along.", example="images")
    rules: tuple[ExportRule, ...] = managed(
        "Rules in order; the first that fits a client decides.",
        example=[{"clients": ["10.130.208.0/24"], "readWrite": ["sys"], "superuser": ["sys"]}],
    )
    adopt: bool = setting(
        "Take over a policy of that name that is there already.", example=True, default=False
    )


@dataclass(frozen=True)
class ExportPolicyOutputs:
    """What only ONTAP knows."""

    policy_id: str = output("ONTAP's number of the policy.", example="12884901890")


class Connections(Protocol):
    """Clients of ONTAP clusters by the names of the stack file."""

    def ontap(self, cluster: str) -> OntapClient: ...


class ExportPolicy(Kind[ExportPolicyArgs, ExportPolicyOutputs]):
    """An NFS export policy of an ONTAP SVM with its rules, in order."""

    token = "strata:ontap:ExportPolicy"
    Args = ExportPolicyArgs
    Outputs = ExportPolicyOutputs
    default_timeout = 120.0

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def check(self, args: ExportPolicyArgs) -> list[Problem]:
        """No rule twice: ONTAP refuses it (1704071)."""
        rules = args.rules if isinstance(args.rules, tuple) else ()
        return [
            Problem(f"rules[{number}]", f"is equal to rules[{rules.index(rule)}]; leave one out")
            for number, rule in enumerate(rules)
            if rule in rules[:number]
        ]

    async def preflight(self, args: ExportPolicyArgs, op: Operation) -> None:
        """The SVM is there, and the name is free or the policy ours."""
        client = self._connections.ontap(args.cluster)
        await require(client, SVM, args.svm, f"export policy {args.name}")
        found = await self._named(client, args)
        if found is not None:
            await self._claim(client, found, args)

    async def observe(self, id: str) -> Observed[ExportPolicyArgs, ExportPolicyOutputs] | None:
        """By number; the readable form is looked up by name first."""
        cluster, *rest = id.split("/")
        if (
            len(rest) not in (1, 2)
            or not all((cluster, *rest))
            or (len(rest) == 1 and not rest[0].isdecimal())
        ):
            raise Failed(
                f"{id!r} is no id of an export policy: it is CLUSTER/ID, with a number, or CLUSTER/SVM/NAME."
            )
        client = self._connections.ontap(cluster)
        if len(rest) == 2:
            policy = await _find(client, rest[0], rest[1])
        else:
            policy = await client.read(Address(EXPORT_POLICY, (int(rest[0]),)), FIELDS)
        if policy is None:
            return None
        rules = tuple(rule for _, rule in await _rules(client, int(policy["id"])))
        actual = ExportPolicyArgs(cluster, str(policy["svm"]["name"]), str(policy["name"]), rules)
        return Observed(f"{cluster}/{policy['id']}", actual, ExportPolicyOutputs(str(policy["id"])))

    async def create(self, args: ExportPolicyArgs, op: Operation) -> str:
        """Make it with all its rules in one request; one that is there is gone on from or adopted."""
        client = self._connections.ontap(args.cluster)
        found = await self._named(client, args)
        if found is None:
            found = await self._made(client, args, op)
        else:
            await self._claim(client, found, args)
        id = f"{args.cluster}/{found['id']}"
        op.exists(id)
        await self._align(client, int(found["id"]), args, op)
        return id

    async def update(self, id: str, args: ExportPolicyArgs, changes: list[Difference], op: Operation) -> None:
        """The fewest changes of rules that lead to the declared list without shutting a client out on the way."""
        client, number = self._connections.ontap(args.cluster), int(id.split("/")[1])
        if renamed := next((one for one in changes if one.path == "name"), None):
            doing = f"renaming export policy {renamed.actual} of SVM {args.svm} to {args.name}"
            await client.change(Address(EXPORT_POLICY, (number,)), {"name": args.name}, doing, op.deadline)
        await self._align(client, number, args, op)

    async def delete(self, id: str, args: ExportPolicyArgs, op: Operation) -> None:
        """Remove it; refused while a volume uses it, and then these are named."""
        cluster, number = id.split("/")
        client = self._connections.ontap(cluster)
        doing = f"deleting export policy {args.name} of SVM {args.svm}"
        try:
            await client.remove(Address(EXPORT_POLICY, (int(number),)), doing, op.deadline)
        except Failed as error:
            users = await self._users(client, args)
            if not users:
                raise
            raise Failed(f"{error} Volumes that use it: {', '.join(users)}.") from error

    async def _users(self, client: OntapClient, args: ExportPolicyArgs) -> list[str]:
        filters = {"svm_name": args.svm, "nas_export_policy.name": args.name}
        try:
            return sorted(str(one["name"]) for one in await client.find(Address(VOLUME), ["name"], **filters))
        except StrataError:
            return []

    async def _named(self, client: OntapClient, args: ExportPolicyArgs) -> Document | None:
        return await _find(client, args.svm, args.name)

    async def _made(self, client: OntapClient, args: ExportPolicyArgs, op: Operation) -> Document:
        body = {
            "name": args.name,
            "svm": {"name": args.svm},
            "rules": [rule_body(rule) for rule in args.rules],
        }
        doing = f"creating export policy {args.name} in SVM {args.svm}"
        at = Address(EXPORT_POLICY)
        try:
            return await client.create(at, body, doing, op.deadline, lambda: self._named(client, args))
        except Duplicate:
            found = await self._named(client, args)
            if found is None:
                raise
            await self._claim(client, found, args)
            return found

    async def _claim(self, client: OntapClient, found: Document, args: ExportPolicyArgs) -> None:
        """Raise unless it is all that is declared, or is to be adopted."""
        rules = [rule for _, rule in await _rules(client, int(found["id"]))]
        same = len(rules) == len(args.rules) and all(map(fits, args.rules, rules))
        if not same and not args.adopt:
            what = f"Export policy {args.name} of SVM {args.svm} on {args.cluster}"
            raise AlreadyThere(what, f"{args.cluster}/{args.svm}/{args.name}")

    async def _align(self, client: OntapClient, policy: int, args: ExportPolicyArgs, op: Operation) -> None:
        for _ in range(LOST_STEPS):
            steps = plan([rule for _, rule in await _rules(client, policy)], list(args.rules))
            try:
                for step in steps:
                    await self._take(client, policy, step, args, op)
            except AnswerLost as error:
                # Perhaps done, perhaps not: only a new look can tell.
                await op.deadline.pause(1.0, str(error))
                continue
            return
        raise Failed(
            f"The rules of export policy {args.name} of SVM {args.svm} on {args.cluster} could not be brought to what is "
            f"declared: {LOST_STEPS} times the answer was lost. Repeat."
        )

    async def _take(
        self, client: OntapClient, policy: int, step: Step, args: ExportPolicyArgs, op: Operation
    ) -> None:
        """One step. Indexes are read afresh, because ONTAP renumbers rules and keeps gaps."""
        doing = f"changing rule {step.position + 1} of export policy {args.name} of SVM {args.svm}"
        rules = await _rules(client, policy)
        if step.action == "add" and step.rule is not None:
            index = {"index": rules[step.position][0]} if step.position < len(rules) else {}
            at = Address(EXPORT_RULE, (), (policy,))
            await client.add(at, {**rule_body(step.rule), **index}, doing, op.deadline)
            return
        number, actual = rules[step.position]
        at = Address(EXPORT_RULE, (number,), (policy,))
        if step.action == "remove":
            await client.remove(at, doing, op.deadline, repeatable=False)
        elif step.action == "move":
            query: dict[str, Any] = {"new_index": step.to + 1}
            await client.change(at, {}, doing, op.deadline, query=query, repeatable=False)
        elif step.rule is not None:
            await client.change(at, rule_body(step.rule, actual), doing, op.deadline)


async def _find(client: OntapClient, svm: str, name: str) -> Document | None:
    found = await client.find(Address(EXPORT_POLICY), FIELDS, name=name, svm_name=svm)
    return next((one for one in found if one.get("name") == name), None)


async def _rules(client: OntapClient, policy: int) -> list[tuple[int, ExportRule]]:
    """(index, rule) of a policy, in order."""
    found = await client.find(Address(EXPORT_RULE, (), (policy,)), RULE_FIELDS)
    return sorted(((int(one["index"]), rule_from(one)) for one in found), key=lambda one: one[0])
