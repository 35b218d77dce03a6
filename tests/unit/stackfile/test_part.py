"""What an editor says to a file that is only a part of a stack."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from strata.stackfile import document
from strata.stackfile.shape import SCHEMA_FILE

PART = json.loads((SCHEMA_FILE.parent / "stack-part.schema.json").read_text())
ONTAP = ("config", "strata:ontap")


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(PART)


def wrong(text: str) -> list[tuple[Any, ...]]:
    return [
        tuple(one.absolute_path) for one in Draft202012Validator(PART).iter_errors(document.read(text).data)
    ]


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("config: {strata:extends: base.yaml}", "a stack that adds nothing"),
        ("config: {strata:ontap: {volumes: {images: {size: 1TiB}}}}", "a volume that gets its SVM elsewhere"),
        ("config: {strata:ontap: {volumes: {images: {comment: null, exportPolicy: null}}}}", "nulls"),
        (
            "config: {strata:ontap: {volumes: {images: null}, clusters: {c: {password: null, port: null}}}}",
            "more of them",
        ),
        (
            "config: {strata:ontap: {volumes: {v: {efficiency: {dedupe: null}}}}}",
            "one of several words, or null",
        ),
        ("config: {strata:mounts: {m: {volume: images}}}", "a mount without its LIF"),
        (
            "config: {strata:hosts: null, strata:cloudstack: {zones: {z: {enabled: false}}}}",
            "a zone without Swift",
        ),
    ],
)
def test_a_part_need_not_be_complete(text: str, because: str) -> None:
    assert wrong(text) == [], because


@pytest.mark.parametrize(
    ("text", "path", "because"),
    [
        ("config: {strata:ontap: {volumes: {v: {sise: 1}}}}", (*ONTAP, "volumes", "v"), "a misspelt key"),
        (
            "config: {strata:ontap: {volumes: {v: {size: 50}}}}",
            (*ONTAP, "volumes", "v", "size"),
            "a wrong value",
        ),
        (
            "config: {strata:ontap: {clusters: {c: {password: p}}}}",
            (*ONTAP, "clusters", "c", "password"),
            "an open secret",
        ),
        (
            "config: {strata:ontap: {clusters: {c: {password: {}}}}}",
            (*ONTAP, "clusters", "c", "password"),
            "no source",
        ),
        (
            "config: {strata:glance: {hosts: [null]}}",
            ("config", "strata:glance", "hosts", 0),
            "a null in a list",
        ),
    ],
)
def test_what_is_wrong_is_wrong_in_a_part_too(text: str, path: tuple[Any, ...], because: str) -> None:
    assert wrong(text) == [path], because
