"""The REST verbs over any collection: read one or many, create, modify and remove one or, by query, many.

Source: facts: ontap 1, 4, 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from lab.http.faults import JobFault
from lab.ontap.body import parse_body
from lab.ontap.catalogue import Target
from lab.ontap.errors import OntapError, invalid_value, not_found, unexpected_argument
from lab.ontap.fields import parse_fields, select
from lab.ontap.jobs import JOBS, OVER, start_job
from lab.ontap.links import add_links, href
from lab.ontap.model import Change, Collection, Document
from lab.ontap.query import CONTROL, filters_of, matches, ordered
from lab.ontap.system import System
from lab.ontap.unverified import FAILED_WITHIN_TIMEOUT_STATUS

_LONGEST_RETURN_TIMEOUT = 120
_VERBS = {"POST": "create", "PATCH": "modify", "DELETE": "remove"}
_WHAT = {"create": "POST", "modify": "PATCH", "remove": "DELETE"}


@dataclass(frozen=True)
class Request:
    """What was asked, already stripped of HTTP."""

    method: str
    target: Target
    query: Mapping[str, str]
    body: Any = None
    links: bool = True
    job_fault: JobFault | None = None

    def flag(self, name: str, default: bool) -> bool:
        """A boolean argument; Python clients write True and False."""
        return self.query.get(name, str(default)).lower() == "true"

    @property
    def return_timeout(self) -> int:
        """Seconds to wait for the job, 0 to 120."""
        given = self.query.get("return_timeout", "0")
        if not given.isdigit() or int(given) > _LONGEST_RETURN_TIMEOUT:
            raise invalid_value("return_timeout", given)
        return int(given)


@dataclass
class Answer:
    """What to send back."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def read(system: System, request: Request) -> Answer:
    """GET of an instance or a collection."""
    collection = request.target.collection
    instance = collection.single or request.target.key is not None
    names = parse_fields(collection, request.query.get("fields"), instance)
    if not instance:
        return _read_many(system, request, names)
    document = _one(system, request.target)
    filters = {} if collection.single else filters_of(collection, request.query)
    viewed = system.records[collection.table].view(system, document, (*names, *filters))
    if not matches(viewed, filters):
        raise not_found(collection.table)
    record = select(collection, viewed, names)
    if request.links:
        add_links(collection, viewed, record)
    return Answer(200, record)


def _read_many(system: System, request: Request, names: tuple[str, ...]) -> Answer:
    collection = request.target.collection
    found = _matching(system, request, names)
    found = ordered(found, request.query.get("order_by", ""))
    start = int(request.query.get("start.index", "0"))
    limit = int(request.query.get("max_records", "10000"))
    page = found[start : start + limit]
    body: dict[str, Any] = {}
    if request.flag("return_records", True):
        body["records"] = [_record(collection, each, names, request.links) for each in page]
        body["num_records"] = len(page)
    else:
        body["num_records"] = len(found)
    path = _path(request.target)
    if request.links:
        body["_links"] = {"self": {"href": _with_query(path, request.query)}}
    if start + limit < len(found):
        # The next link comes whatever Accept says.
        following = {**request.query, "start.index": str(start + limit), "max_records": str(limit)}
        body.setdefault("_links", {})["next"] = {"href": _with_query(path, following)}
    return Answer(200, body)


def write(system: System, request: Request) -> tuple[Answer, list[Document]]:
    """POST, PATCH or DELETE. The answer as it is before any waiting, and the jobs that were started."""
    collection, verb = request.target.collection, _VERBS[request.method]
    if verb not in collection.verbs:
        raise OntapError("3", f"{request.method} is not supported on {collection.path}.")
    request.return_timeout  # noqa: B018 - a bad value is refused before anything is done
    arguments = _arguments(system, request, verb)
    body = {}
    if verb != "remove":
        body = parse_body(collection, verb, request.body or {}, system.settings.release)
        if verb == "create" and "svm.name" in request.query and collection.field("svm.name"):
            body.setdefault("svm.name", request.query["svm.name"])
    changes = [Change(verb, collection.table, key, body, arguments) for key in _keys(system, request, verb)]
    answer = Answer(201 if verb == "create" else 200, {})
    jobs: list[Document] = []
    for change in changes:
        checked, job = _carry_out(system, request, change)
        if job is not None:
            jobs.append(job)
        if verb == "create":
            _created(system, request, checked, answer)
    _link_jobs(answer, jobs)
    return answer, jobs


def _carry_out(system: System, request: Request, change: Change) -> tuple[Change, Document | None]:
    """Check the change, then do it or start the job that will."""
    collection = request.target.collection
    fault = request.job_fault
    try:
        change = system.records[collection.table].check(system, change)
    except OntapError as error:
        if not collection.by_job or error.code not in system.settings.errors_in_jobs:
            raise
        fault = JobFault(error.code, error.message)
    if collection.by_job:
        description = f"{_WHAT[change.verb]} {collection.path}/{change.key}"
        return change, start_job(system, change, description, fault)
    system.apply(change)
    return change, None


def _created(system: System, request: Request, change: Change, answer: Answer) -> None:
    """Location, and with return_records the new record's keys; they come with a job's 202 too."""
    collection = request.target.collection
    document = system.store.table(collection.table).get(change.key)
    if document is None:
        viewed = {**change.body, collection.keys[0]: change.key}
    else:
        viewed = system.records[collection.table].view(system, document, ())
    answer.headers["Location"] = href(collection, viewed)
    if request.flag("return_records", False):
        names = () if collection.by_job else ("*",)
        answer.body["num_records"] = 1
        answer.body["records"] = [_record(collection, viewed, names, request.links)]


def _link_jobs(answer: Answer, jobs: list[Document]) -> None:
    """The job's link is always there, whatever Accept says: netapp-ontap and Manila both follow it."""
    if not jobs:
        return
    links = [
        {"uuid": each["uuid"], "_links": {"self": {"href": f"{JOBS.path}/{each['uuid']}"}}} for each in jobs
    ]
    answer.status = 202
    answer.body["job"] = links[0]
    if len(links) > 1:
        answer.body["jobs"] = links


async def wait_for(system: System, jobs: list[Document], seconds: float) -> bool:
    """Let up to that much time pass; true when every job is over."""
    end = system.clock.now() + seconds
    while True:
        system.settle()
        if all(each["state"] in OVER for each in jobs):
            return True
        left = end - system.clock.now()
        if left <= 0:
            return False
        due = min(each["~due"] for each in jobs if each["state"] not in OVER) - system.clock.now()
        await system.clock.sleep(min(left, max(due, 0.01)))


def waited(request: Request, answer: Answer, jobs: list[Document]) -> Answer:
    """The answer when the jobs were over within return_timeout."""
    for job in jobs:
        if job["state"] == "failure":
            status = FAILED_WITHIN_TIMEOUT_STATUS
            failed = OntapError(job["error.code"], job["message"], status=status)
            return Answer(status, {**failed.document(), "job": answer.body["job"]})
    answer.status = 201 if request.method == "POST" else 200
    return answer


def _one(system: System, target: Target) -> Document:
    table = system.store.table(target.collection.table)
    if target.collection.single:
        return next(iter(table.values()))
    document = table.get(target.full_key)
    if document is None:
        raise not_found(f"{target.collection.table} {target.full_key}", target.collection.keys[-1])
    return document


def _matching(system: System, request: Request, names: tuple[str, ...]) -> list[Document]:
    """The viewed records that pass the filters."""
    collection = request.target.collection
    filters = filters_of(
        collection, {k: v for k, v in request.query.items() if k not in collection.arguments}
    )
    if collection.table == "export_rules" and request.target.parent not in system.store.table(
        "export_policies"
    ):
        raise not_found(f"export policy {request.target.parent}", "policy.id")
    records = system.records[collection.table]
    viewed = (
        records.view(system, each, (*names, *filters))
        for each in system.store.table(collection.table).values()
        if request.target.parent in (None, str(each.get(collection.keys[0])))
    )
    return [each for each in viewed if matches(each, filters)]


def _keys(system: System, request: Request, verb: str) -> list[str]:
    """The records that a write is for: a new one, the one in the path, or all that the query finds."""
    target = request.target
    if verb == "create":
        return [target.full_key]
    if target.key is not None:
        return [target.full_key]
    found = _matching(system, request, ())
    if not found:
        raise not_found(f"{target.collection.table} by query")
    return ["/".join(str(each[key]) for key in target.collection.keys) for each in found]


def _arguments(system: System, request: Request, verb: str) -> dict[str, str]:
    """The write's own arguments; on an instance or a create nothing else but control arguments may be there."""
    collection = request.target.collection
    arguments = {}
    for name, value in request.query.items():
        since = collection.arguments.get(name)
        if since is not None and since <= system.settings.release:
            arguments[name] = value
        elif name in CONTROL or (since is None and _may_filter(request, verb, name)):
            continue
        else:
            raise unexpected_argument(name)
    return arguments


def _may_filter(request: Request, verb: str, name: str) -> bool:
    by_query = verb != "create" and request.target.key is None
    return (by_query or name in ("svm.name", "svm.uuid")) and request.target.collection.knows(name)


def _record(
    collection: Collection, document: Document, names: tuple[str, ...], links: bool
) -> dict[str, Any]:
    record = select(collection, document, names)
    if links:
        add_links(collection, document, record)
    return record


def _path(target: Target) -> str:
    path = target.collection.path
    return (
        path if target.parent is None else path.replace("{" + target.collection.keys[0] + "}", target.parent)
    )


def _with_query(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query, safe='*,./')}" if query else path
