"""What somebody else does on the cluster, for `strata drift` to see."""

from __future__ import annotations

import httpx

VOLUME = "images"


def efficiency_off(ontap: httpx.Client) -> str:
    """`volume efficiency off` for the images, past Strata; what was done, as the command that an administrator would type."""
    asked = {"name": VOLUME, "fields": "uuid,svm.name"}
    (volume,) = ontap.get("/api/storage/volumes", params=asked).raise_for_status().json()["records"]
    ontap.patch(
        f"/api/storage/volumes/{volume['uuid']}",
        json={"efficiency": {"dedupe": "none", "compression": "none"}},
        params={"return_timeout": 15},
    ).raise_for_status()
    return f"volume efficiency off -vserver {volume['svm']['name']} -volume {VOLUME}"
