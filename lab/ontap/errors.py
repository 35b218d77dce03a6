"""ONTAP's error answers: `{"error": {"code": "…", "message": "…", "target": "…"}}`.

The codes come from facts/ontap.md section 2. Its tables give no HTTP status per code; the statuses here are the
common-sense ones (missing 404, in the way 409, otherwise 400), and clients must not lean on them.
"""

from __future__ import annotations

from typing import Any

STATUSES: dict[str, int] = {
    "1": 409,  # duplicate
    "2": 400,  # bad, missing or surplus value
    "3": 405,  # not supported
    "4": 404,  # entry doesn't exist
    "6": 403,  # permission denied
    "8": 409,  # in use
    "262179": 400,  # unexpected argument
    "262197": 400,  # invalid value for a field
    "262196": 400,  # field cannot be set in this operation
    "6691623": 401,  # not authorized
    "917526": 409,  # volume name is a duplicate
    "13107405": 409,  # another volume of that name is being created
    "2621462": 404,  # SVM does not exist
    "2621707": 400,  # no SVM given
    "2621706": 400,  # svm.name and svm.uuid differ
    "917508": 404,  # aggregate does not exist
    "787140": 400,  # no aggregate given
    "787141": 400,  # aggregates.name and aggregates.uuid differ
    "918242": 400,  # a FlexVol needs exactly one aggregate
    "918252": 400,  # nas.path is invalid
    "918271": 400,  # bad export policy
    "917551": 400,  # snapshot policy missing
    "917534": 400,  # size too small
    "917835": 400,  # snapshot reserve above 90 % at create
    "917886": 400,  # volume name too long
    "917887": 400,  # volume name begins wrongly
    "917888": 400,  # bad character in the volume name
    "917829": 400,  # autosize thresholds the wrong way round
    "917831": 400,  # autosize minimum not below maximum
    "918521": 400,  # autosize maximum too large
    "918524": 400,  # autosize minimum above the size
    "917533": 400,  # modification refused
    "917628": 400,  # field not allowed for the volume type
    "917775": 400,  # volume is not online
    "917531": 400,  # SVM root volume
    "918652": 400,  # state "error" cannot be set
    "917536": 400,  # job completed with error
    "460770": 400,  # job failed
    "6881640": 400,  # efficiency.state is not settable on this platform
    "6881332": 400,  # efficiency operation is not enabled
    "8454210": 404,  # QoS workload or policy
    "8454154": 409,  # duplicate QoS policy
    "8454194": 400,  # minimum above maximum throughput
    "8454327": 400,  # adaptive fields on a fixed policy
    "8454328": 400,  # fixed fields on an adaptive policy
    "1703954": 404,  # export policy does not exist
    "1703945": 409,  # export policy in use
    "1703947": 409,  # default export policy
    "1703952": 400,  # bad export policy name
    "1704036": 400,  # clientmatch: missing domain name
    "1704038": 400,  # clientmatch: missing netgroup name
    "1704039": 400,  # clientmatch invalid
    "1704040": 400,  # clientmatch: host bits set
    "1704042": 400,  # clientmatch: too many bits in the netmask
    "1704043": 400,  # clientmatch: invalid netmask
    "1704044": 400,  # clientmatch: bad character in a host name
    "1704050": 400,  # clientmatch given twice
    "1704070": 409,  # duplicate rule
    "1704071": 400,  # duplicate rules in one POST
    "3277162": 400,  # rule index 0
}


class OntapError(Exception):
    """An error answer. In a job it becomes the job's failure, with the same code and words."""

    def __init__(self, code: str, message: str, target: str | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.target = target
        self.status = status or STATUSES[code]

    def document(self) -> dict[str, Any]:
        """The body of the answer."""
        error = {"code": self.code, "message": self.message}
        if self.target is not None:
            error["target"] = self.target
        return {"error": error}


def unexpected_argument(name: str) -> OntapError:
    """A key of a body or a query that the collection does not have (facts: ontap 2)."""
    return OntapError("262179", f'Unexpected argument "{name}".', name)


def invalid_value(name: str, value: object) -> OntapError:
    """A value that the field does not take."""
    return OntapError("262197", f'The value "{value}" is invalid for field "{name}".', name)


def not_found(what: str, target: str | None = None) -> OntapError:
    """No record of that key."""
    return OntapError("4", f"entry doesn't exist ({what})", target)
