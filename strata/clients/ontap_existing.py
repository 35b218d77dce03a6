"""Whether what a declaration names is there, and if not, what is: for errors that name the choices."""

from __future__ import annotations

import difflib

from strata.clients.ontap import OntapClient
from strata.clients.ontap_transport import AGGREGATE, Address, Sort
from strata.errors import NotFound

MOST_NAMES = 12


async def require(client: OntapClient, sort: Sort, name: str, wanted_by: str, **filters: str) -> None:
    """Raise NotFound unless an object of that sort and name is there.

    wanted_by: what needs it, as in `volume images`. filters: such as `svm_name`.
    """
    if any(
        found.get("name") == name
        for found in await client.find(Address(sort), ["name"], name=name, **filters)
    ):
        return
    names = sorted(
        {str(found.get("name")) for found in await client.find(Address(sort), ["name"], **filters)}
    )
    if not names and sort is AGGREGATE:
        return  # an account of one SVM may not list aggregates; then ONTAP itself decides
    raise NotFound(missing(sort, name, wanted_by, client.name, names, filters.get("svm_name")))


def missing(sort: Sort, name: str, wanted_by: str, cluster: str, names: list[str], svm: str | None) -> str:
    """The sentence. Pure."""
    place = f"SVM {svm} on cluster {cluster}" if svm else f"cluster {cluster}"
    listed = ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")
    close = difflib.get_close_matches(name, names, 1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return (
        f"The {sort.noun} {name} that {wanted_by} needs is not there: {place} has {listed or 'none'}.{hint} "
        f"Name one that exists, or make it."
    )
