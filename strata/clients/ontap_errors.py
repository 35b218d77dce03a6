"""What an ONTAP cluster's refusals mean to an operator: each becomes one sentence that ends in what to do next. Pure.

The codes are those of facts/ontap.md section 2. ONTAP may deliver any of them in the answer or in the job; both come here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from strata.clients.ontap_transport import Ending, Trouble
from strata.errors import Failed, NotFound, StrataError, Unreachable

BUSY: Final = frozenset({"13107405", "13107406", "524486"})
"""Another operation works on that volume or name: ONTAP did nothing, and the same request goes through later."""
DUPLICATES: Final = frozenset({"1", "917526"})
OVERLOADED: Final = frozenset({429, 503})
"""Statuses that say that the request was not taken on."""
LONGEST_ANSWER: Final = 400

ADVICE: Final = {
    "6": "Give the user a role that may do this, or use another user in strata:ontap.clusters.",
    "262179": "This release of ONTAP does not know that property; Strata needs 9.11.1 or newer.",
    "2621462": "Name an SVM that exists.",
    "917505": "Name an SVM that exists.",
    "13434920": "Name an SVM that exists.",
    "917508": "Name an aggregate that exists.",
    "917597": "A root aggregate holds no volumes; name a data aggregate.",
    "918252": "A junction path begins with / and does not end with it, and the volume above it has to be mounted.",
    "918271": "Name an export policy that exists in the same SVM.",
    "917551": "Name a snapshot policy that exists, or `none`.",
    "8454210": "Name a QoS policy that exists in the same SVM.",
    "917534": "Declare a larger `size`; ONTAP's least is 20MiB.",
    "917829": "In `autosize`, `shrinkThreshold` has to be below `growThreshold`.",
    "917831": "In `autosize`, `minimum` has to be below `maximum`.",
    "918521": "Declare a smaller `autosize.maximum`.",
    "918524": "In `autosize`, `minimum` must not exceed `size`.",
    "917835": "`snapshotReserve` is at most 90 when a volume is made.",
    "917886": "A volume name has at most 203 characters.",
    "917887": "A volume name begins with a letter or an underscore.",
    "917888": "A volume name has letters, digits and underscores only.",
    "917533": "The volume may be offline, or be one whose owner and permissions Windows keeps (`securityStyle: ntfs`).",
    "917775": "Bring the volume online first (`online: true`).",
    "9437885": "Bring the volume online first (`online: true`).",
    "6881640": "Only cloud releases take that switch; declare `efficiency.dedupe` instead.",
    "6881332": "Compression and an efficiency policy need `efficiency.dedupe` on.",
    "6881659": "This storage efficiency mode cannot be gone back from.",
    "524615": "Volume clones hang on it: split or delete the clones first.",
    "917531": "It is the root volume of its SVM, which goes only with the SVM.",
    "524486": "Another operation holds it; repeat when that is over.",
    "13107405": "Another volume of that name is being made; repeat when that is over.",
    "13107406": "Another operation works on the volume; repeat when that is over.",
    "1703945": "Give the volumes that use it another policy first.",
    "1703947": "ONTAP keeps the policy `default` of every SVM; take it out of the stack file with `pulumi state delete`.",
    "1703952": "Choose another name for the policy.",
    "1703954": "Name an export policy that exists in the same SVM.",
    "1704070": "The policy has an equal rule already.",
    "1704071": "Two of the declared rules are equal; leave one out.",
    "1704040": "A network must not have host bits: write 10.1.2.0/24, not 10.1.2.3/24.",
}


@dataclass(frozen=True)
class Site:
    """What errors say about where the cluster is. `ca` is the caFile in use, None for the system's own."""

    name: str
    address: str
    username: str
    ca: str | None

    def __str__(self) -> str:
        return f"ONTAP cluster {self.name} at {self.address}"


class Duplicate(Failed):
    """An object of that name exists."""


class AnswerLost(Unreachable):
    """A change was sent and no answer came: it may have been done. Look before it is repeated."""


def failure(trouble: Trouble, doing: str, site: Site) -> StrataError:
    """The error for an operator. doing: as in `creating volume images in SVM demo-nfs-svm`."""
    action = doing[0].upper() + doing[1:]
    if trouble.ending is Ending.NO_CONNECTION:
        return Unreachable(
            f"{action}: could not tell, because {site} cannot be reached: {trouble.message}. "
            "Check hostname and port in strata:ontap.clusters, and that the way there is open."
        )
    if trouble.ending is Ending.TLS:
        return Unreachable(_tls(trouble, action, site))
    if trouble.ending is Ending.LOST:
        return AnswerLost(
            f"{action}: could not tell, because {site} gave no answer: {trouble.message}. Repeat."
        )
    if trouble.ending is Ending.GARBLED:
        return Unreachable(_not_ontap(action, site))
    return _answered(trouble, action, site)


def _answered(trouble: Trouble, action: str, site: Site) -> StrataError:
    if trouble.status == 401:
        return Unreachable(
            f"{action}: {site} does not accept user {site.username} with the given password (401). "
            f"Correct username and password of {site.name} in strata:ontap.clusters. Were they changed there just now, add "
            "`--run-program` or do a `pulumi up` first: refresh and destroy take them as the last `up` recorded them."
        )
    if not trouble.code and not trouble.job:
        if trouble.status in OVERLOADED or trouble.status >= 500:
            return Unreachable(
                f"{action}: could not tell, because {site} answers {trouble.status} again and again. Repeat later."
            )
        return Unreachable(_not_ontap(action, site, trouble.status))
    said = f"{trouble.code}: {_shortened(trouble.message)}"
    where = f" (for {trouble.target})" if trouble.target else ""
    answer = f"job {trouble.job} failed with {said}" if trouble.job else f"it answered {said}{where}"
    sentence = f"{action} failed on {site}: {answer.rstrip('.')}. {ADVICE.get(trouble.code, '')}".rstrip()
    sorts = {"4": NotFound, **dict.fromkeys(DUPLICATES, Duplicate)}
    return sorts.get(trouble.code, Failed)(sentence)


def _tls(trouble: Trouble, action: str, site: Site) -> str:
    if "certificate" not in trouble.message.lower():
        return _not_ontap(action, site) + f" (TLS: {trouble.message}.)"
    trusted = f"the caFile {site.ca}" if site.ca else "the system's certificate store, as no caFile is given"
    return (
        f"{action}: could not tell, because the certificate of {site} does not hold against {trusted}: {trouble.message}. "
        f"Set caFile of {site.name} in strata:ontap.clusters to the CA that signed it, and hostname to a name in it."
    )


def _not_ontap(action: str, site: Site, status: int = 0) -> str:
    answered = f" It answered {status}." if status else ""
    return (
        f"{action}: could not tell, because what answers as {site} does not speak ONTAP's REST API.{answered} "
        "Check hostname and port in strata:ontap.clusters: they are those of the cluster's management LIF."
    )


def _shortened(message: str) -> str:
    words = " ".join(message.split())
    return words if len(words) <= LONGEST_ANSWER else words[:LONGEST_ANSWER] + " …"
