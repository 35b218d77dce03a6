"""Where a move stops before it does harm: what a preview finds in its way, a mount that is not there, another stack's move."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from strata.errors import InvalidInput, StrataError
from strata.provider.kinds.glance_image_migration import ImageMigration
from strata.provider.lifecycle import Lifecycle
from strata.provider.outcome import OperationFailed
from tests.lifecycle.glance_migration.moved import edit_record, moved, stops
from tests.lifecycle.glance_migration.site import CONF, DATABASE, DROP_IN, INPUTS, NEW, OLD, Site, declared


class Refusal(NamedTuple):
    script: Any
    words: str


REFUSALS = [
    Refusal(lambda site: site.path(f"{OLD}/image-0").unlink(), f"Glance names {OLD}/image-0, and there is no such file"),
    Refusal(lambda site: site.path(f"{OLD}/image-0").write_bytes(b"x"), "has 1 bytes, and Glance recorded 35000"),
    Refusal(
        lambda site: site.host.sh(f"sed -i 's/^bind_port/metadata_encryption_key = x\\nbind_port/' {CONF}"),
        "sets metadata_encryption_key",
    ),
    Refusal(lambda site: site.host.sh(f"rm {CONF}"), f"has no {CONF}"),
    Refusal(
        lambda site: site.host.sh(f"sed -i 's/^bind_port/enabled_backends = fast:file\\nbind_port/' {CONF}"),
        "Glance does not read the section glance_store. Set section to the name of a store of type file: fast",
    ),
    Refusal(
        lambda site: site.host.sh(f"printf '\\n[glance_store]\\nfilesystem_store_datadirs = /a:1\\n' >>{CONF}"),
        "sets filesystem_store_datadirs (/a:1); Glance does not start with both",
    ),
    Refusal(lambda site: site.path(DATABASE).write_text("no database at all"), "did not answer as expected"),
    Refusal(
        lambda site: site.host.sh(f"mkdir -p {DROP_IN.rpartition('/')[0]}; echo '# owner: strata:tokyo/glance' >{DROP_IN}"),
        "is marked strata:tokyo/glance",
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.words[:30])
async def test_what_stands_in_the_way_is_told_at_preview(site: Site, case: Refusal) -> None:
    site.upload("image-0")
    case.script(site)
    before = site.tree()
    with pytest.raises(OperationFailed) as caught:
        await declared(site).preview()
    assert case.words in str(caught.value)
    assert site.tree() == before


async def test_a_mount_that_is_not_there_stops_it_before_anything_is_done(site: Site) -> None:
    site.upload("image-0")
    before = site.path(CONF).read_bytes()
    with pytest.raises(
        StrataError, match=f"Nothing is mounted on {NEW} of host tkstack.*Glance was not stopped"
    ):
        await declared(site).up()
    assert (stops(site), site.path(CONF).read_bytes()) == ([], before)
    assert set(site.locations().values()) == {f"file://{OLD}/image-0"}


async def test_a_move_of_another_stack_is_not_touched(site: Site) -> None:
    await moved(site)
    edit_record(site, resource="strata:tokyo/glance")
    with pytest.raises(OperationFailed, match="marked strata:tokyo/glance, exists already") as caught:
        await declared(site).preview()
    assert "pulumi import strata:glance:ImageMigration glance tkstack" in str(caught.value)
    taken = declared(site, adopt=True)
    await taken.up()
    assert await taken.drift() == {}


class Wrong(NamedTuple):
    inputs: dict[str, Any]
    path: str


@pytest.mark.parametrize(
    "case",
    [
        Wrong({"complete": False}, "complete"),
        Wrong({"hosts": []}, "hosts"),
        Wrong({"sources": []}, "sources"),
        Wrong({"sources": [OLD, NEW]}, "sources[1]"),
        Wrong({"sources": [f"{NEW}/below"]}, "sources[0]"),
        Wrong({"proof": "some"}, "proof"),
        Wrong({"workers": 0}, "workers"),
        Wrong({"name": "../x"}, "name"),
        Wrong({"export": "/images"}, "export"),
    ],
)  # fmt: skip
def test_wrong_input_is_found_before_any_call(case: Wrong) -> None:
    with pytest.raises(InvalidInput) as caught:
        Lifecycle(ImageMigration(None)).check({**INPUTS, **case.inputs})  # type: ignore[arg-type]
    assert [problem.path for problem in caught.value.problems] == [case.path]
