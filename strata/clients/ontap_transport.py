"""Blocking calls to one ONTAP cluster through netapp-ontap, and what can become of a call.

The SDK's resource classes shape path and body. Retries, jobs and words for the operator are not here but in ontap.py: a call
is made exactly once and ends in a document or in `Trouble`.

Measured with netapp-ontap 9.19.1: a connection must be set on each resource (`get(connection=…)` would travel as a query);
REQUESTS_CA_BUNDLE overrides a CA file unless the session's trust_env is off; the session's own retries would repeat a DELETE.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

Document = dict[str, Any]
T = TypeVar("T")
TIMEOUTS = (6, 45)
"""Seconds to connect, and to wait for an answer."""


class Ending(Enum):
    """How a call without a good answer ended."""

    NO_CONNECTION = "no connection"
    """Nothing was sent, so nothing was done."""
    TLS = "TLS"
    LOST = "lost"
    """The request was sent and the answer never came: it may have been done."""
    GARBLED = "garbled"
    """The answer was good by its status, but no ONTAP document."""
    ANSWERED = "answered"
    """ONTAP, or whatever stands there, said no."""


@dataclass(eq=False)
class Trouble(Exception):
    """A call that did not succeed. `code` and `message` are ONTAP's own, from the answer or from the failed job."""

    ending: Ending
    message: str
    status: int = 0
    code: str = ""
    target: str = ""
    retry_after: float = 0.0
    job: str = ""


@dataclass(frozen=True)
class Sort:
    """A sort of object: the SDK's class, the names of its keys below its parents, and what operators call it."""

    resource: str
    keys: tuple[str, ...]
    noun: str


VOLUME = Sort("Volume", ("uuid",), "volume")
EXPORT_POLICY = Sort("ExportPolicy", ("id",), "export policy")
EXPORT_RULE = Sort("ExportRule", ("index",), "export rule")
SVM = Sort("Svm", ("uuid",), "SVM")
AGGREGATE = Sort("Aggregate", ("uuid",), "aggregate")
QOS_POLICY = Sort("QosPolicy", ("uuid",), "QoS policy")
SNAPSHOT_POLICY = Sort("SnapshotPolicy", ("uuid",), "snapshot policy")
JOB = Sort("Job", ("uuid",), "job")


@dataclass(frozen=True)
class Address:
    """Where an object lies: its sort, its keys, and the keys of its parents."""

    sort: Sort
    keys: tuple[Any, ...] = ()
    parents: tuple[Any, ...] = ()


class Transport:
    """One connection, shared by all threads (measured: 24 threads on one connection are fine)."""

    def __init__(self, hostname: str, port: int, username: str, password: str, verify: bool | str) -> None:
        self._arguments = {
            "host": hostname,
            "port": port,
            "username": username,
            "password": password,
            "verify": verify,
        }
        self._connection: Any = None
        self._lock = threading.Lock()

    def get(self, at: Address, query: Mapping[str, Any]) -> Document:
        """One object."""
        return self._call(lambda: _json(self._resource(at).get(**query)))

    def collection(self, at: Address, query: Mapping[str, Any]) -> list[Document]:
        """Every record of a query, over all pages."""

        def call() -> list[Document]:
            found = _class(at.sort).fast_get_collection(*at.parents, connection=self._connected(), **query)
            return [record.resource_data for record in found]

        return self._call(call)

    def post(self, at: Address, body: Document, query: Mapping[str, Any]) -> Document:
        """The answer to a create: it may name a job."""

        def call() -> Document:
            resource = _class(at.sort).from_dict(dict(body), *at.parents)
            resource.set_connection(self._connected())
            return _json(resource.post(poll=False, **query))

        return self._call(call)

    def patch(self, at: Address, body: Document, query: Mapping[str, Any]) -> Document:
        """The answer to a change of exactly these leaves."""

        def call() -> Document:
            resource = self._resource(at)
            for key, value in body.items():
                setattr(resource, key, value)
            return _json(resource.patch(poll=False, **query))

        return self._call(call)

    def delete(self, at: Address, query: Mapping[str, Any]) -> Document:
        """The answer to a removal."""
        return self._call(lambda: _json(self._resource(at).delete(poll=False, **query)))

    def _resource(self, at: Address) -> Any:
        keys = dict(zip(at.sort.keys, at.keys, strict=True))
        resource = _class(at.sort).from_dict(keys, *at.parents)
        resource.set_connection(self._connected())
        return resource

    def _connected(self) -> Any:
        with self._lock:
            if self._connection is None:
                self._connection = _connect(self._arguments)
            return self._connection

    def _call(self, call: Callable[[], T]) -> T:
        from netapp_ontap.error import NetAppRestError

        try:
            return call()
        except NetAppRestError as error:
            cause = getattr(error, "cause", None)
            raise _trouble(cause if cause is not None else error) from error
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise Trouble(Ending.GARBLED, "the answer is not a document of ONTAP's REST API") from error


def _class(sort: Sort) -> Any:
    import netapp_ontap.resources

    return getattr(netapp_ontap.resources, sort.resource)


def _connect(arguments: Mapping[str, Any]) -> Any:
    from netapp_ontap.host_connection import HostConnection, LoggingAdapter
    from urllib3.util.retry import Retry

    connection = HostConnection(**arguments, protocol_timeouts=TIMEOUTS)
    session = connection.session
    session.trust_env = False
    make_adapter: Any = LoggingAdapter
    adapter = make_adapter(
        connection, max_retries=Retry(total=0, read=False), timeout=TIMEOUTS, pool_maxsize=32
    )
    session.mount(connection.origin, adapter)
    return connection


def _json(response: Any) -> Document:
    http = response.http_response
    if not http.content:
        return {}
    document = http.json()
    if not isinstance(document, dict):
        raise ValueError("not an object")
    inner = document.get("record", document)
    return dict(inner)


def _trouble(cause: BaseException) -> Trouble:
    """What a failed call means, from the exception of the HTTP library under the SDK."""
    import requests
    from urllib3.exceptions import NewConnectionError

    response = getattr(cause, "response", None)
    if response is not None and not isinstance(cause, requests.exceptions.JSONDecodeError):
        return _refusal(response)
    if isinstance(cause, requests.exceptions.SSLError):
        return Trouble(Ending.TLS, _innermost(cause))
    reason = getattr(cause.args[0] if cause.args else None, "reason", None)
    if isinstance(cause, requests.exceptions.ConnectTimeout):
        return Trouble(Ending.NO_CONNECTION, f"no answer to a connection within {TIMEOUTS[0]} s")
    if isinstance(reason, NewConnectionError):
        return Trouble(Ending.NO_CONNECTION, _innermost(reason))
    if isinstance(cause, requests.exceptions.ReadTimeout):
        return Trouble(Ending.LOST, f"no answer within {TIMEOUTS[1]} s")
    if isinstance(cause, requests.exceptions.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return Trouble(Ending.LOST, "the connection was closed before the answer was complete")
    return Trouble(Ending.GARBLED, "the answer is not a document of ONTAP's REST API")


def _refusal(response: Any) -> Trouble:
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        error = {}
    error = error if isinstance(error, dict) else {}
    after = str(response.headers.get("Retry-After", ""))
    return Trouble(
        Ending.ANSWERED,
        message=str(error.get("message", "")),
        status=int(response.status_code),
        code=str(error.get("code", "")),
        target=str(error.get("target", "")),
        retry_after=float(after) if after.isdecimal() else 0.0,
    )


def _innermost(error: BaseException) -> str:
    """The last words of a chain of wrapped network errors, such as `Connection refused`."""
    words = str(error).split(" (_ssl.c")[0]
    for mark in ("certificate verify failed: ", "] "):
        words = words.rsplit(mark, 1)[-1]
    return words.strip("()'\" ")
