"""Where a Glance store stops before it does harm: images that would be lost, another stack's store, what can't work."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from strata.errors import InvalidInput, StrataError
from strata.provider.kinds.glance_filesystem_store import FilesystemStore
from strata.provider.lifecycle import Lifecycle
from strata.provider.outcome import OperationFailed
from tests.lifecycle.host.fake_host import FakeHost
from tests.lifecycle.host.glance_store import CONF, DROP_IN, INPUTS, declared, know_images, mounted


async def test_nothing_is_written_beside_a_mount_that_is_not_there(host: FakeHost) -> None:
    before = host.path(CONF).read_bytes()
    store = declared(host)
    await store.preview()
    with pytest.raises(OperationFailed, match="Nothing is mounted on /glance/images of host tkstack"):
        await store.up()
    assert host.path(CONF).read_bytes() == before
    assert not host.path("/glance").exists()


async def test_images_that_glance_knows_stop_the_delete(host: FakeHost) -> None:
    await mounted(host)
    store = declared(host)
    await store.up()
    conf = host.path(CONF).read_bytes()
    below = [f"file:///glance/images/{number}" for number in range(12)]
    know_images(
        host,
        *below,
        "file:///glance/images2/x",
        "file:///var/lib/glance/images/y",
        "gone:file:///glance/images/z",
    )
    with pytest.raises(StrataError) as caught:
        await store.destroy()
    assert "still keeps 12 images in /glance/images: image 00 (id-0), image 01 (id-1)" in str(caught.value)
    assert str(caught.value).count("image 0") == 10
    assert "and 2 more" in str(caught.value)
    assert host.path(CONF).read_bytes() == conf
    store.state["allowImagesLeft"] = True
    await store.destroy()
    assert not host.path(DROP_IN).exists()


async def test_a_database_that_does_not_answer_stops_the_delete_without_its_words(host: FakeHost) -> None:
    await mounted(host)
    store = declared(host)
    await store.up()
    host.path("/var/lib/glance/glance.sqlite").write_text("no database")
    with pytest.raises(StrataError, match=r"could not be told: .*did not answer") as caught:
        await store.destroy()
    assert "canary" not in str(caught.value)


async def test_a_store_of_another_stack_is_not_touched(host: FakeHost) -> None:
    await mounted(host)
    await declared(host).up()
    host.sh(f"sed -i 's,owner: .*,owner: strata:tokyo/other,' {DROP_IN}; systemctl daemon-reload")
    with pytest.raises(OperationFailed, match="marked strata:tokyo/other, exists already") as caught:
        await declared(host).preview()
    assert "pulumi import strata:glance:FilesystemStore images tkstack" in str(caught.value)
    taken = declared(host, adopt=True)
    await taken.up()
    assert "# owner: strata:lab/images" in host.path(DROP_IN).read_text()
    assert await taken.drift() == {}


class Missing(NamedTuple):
    script: str
    changes: dict[str, Any]
    words: str


@pytest.mark.parametrize(
    "case",
    [
        Missing(f"rm {CONF}", {}, f"has no {CONF}"),
        Missing("true", {"service": "glance"}, "has no service glance"),
        Missing("true", {"owner": "ghost", "group": "ghosts"}, "has no user ghost and no group ghosts"),
        Missing(
            f"sed -i s,^#filesystem_store_datadirs.*,filesystem_store_datadirs=/a:1, {CONF}",
            {},
            "Glance does not start with both",
        ),
    ],
)
async def test_what_cannot_work_is_found_at_preview(host: FakeHost, case: Missing) -> None:
    host.sh(case.script)
    with pytest.raises(OperationFailed, match=case.words):
        await declared(host, **case.changes).preview()


class Wrong(NamedTuple):
    inputs: dict[str, Any]
    path: str


@pytest.mark.parametrize(
    "case",
    [
        Wrong({"directory": "/elsewhere"}, "directory"),
        Wrong({"directory": "images"}, "directory"),
        Wrong({"mode": "755x"}, "mode"),
        Wrong({"guard": False}, "guard"),
        Wrong({"inEffect": False}, "inEffect"),
        Wrong({"owner": "a b"}, "owner"),
        Wrong({"section": "[x]"}, "section"),
    ],
)
def test_wrong_input_is_found_before_any_call(case: Wrong) -> None:
    with pytest.raises(InvalidInput) as caught:
        Lifecycle(FilesystemStore(None)).check({**INPUTS, **case.inputs})  # type: ignore[arg-type]
    assert [problem.path for problem in caught.value.problems] == [case.path]
