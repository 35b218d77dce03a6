"""A stack in several files: what it is together, and where each thing that is wrong stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from strata.stackfile import extends, load, validate, validate_base
from strata.stackfile.located import StackFileError

CLUSTER = """\
config:
  strata:ontap:
    clusters:
      c1: {hostname: c1.example.org, username: admin, password: {env: C1}}
"""
VOLUME = """\
    volumes:
      images: {svm: nas, aggregate: aggr1, size: 50GiB, junctionPath: /images}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(here: Path, **files: str) -> Path:
    """The files by their names without .yaml; the stack's own is `own`."""
    for name, text in files.items():
        (here / f"{name}.yaml").write_text(text)
    return here / "own.yaml"


def test_the_nearer_goes_over_the_farther(here: Path) -> None:
    own = write(
        here,
        far=CLUSTER + VOLUME,
        near="config:\n  strata:extends: far.yaml\n  strata:ontap: {volumes: {images: {size: 60GiB, aggregate: aggr2}}}\n",
        own="config:\n  strata:extends: near.yaml\n  strata:ontap: {volumes: {images: {size: 70GiB, junctionPath: null}}}\n",
    )
    volume = load(own).ontap.volumes["images"]
    assert (volume.size, volume.aggregate, volume.svm, volume.junction_path) == (
        "70GiB",
        "aggr2",
        "nas",
        None,
    )
    assert volume.cluster == "c1", "the only cluster, wherever it stands"


def test_of_several_the_later_goes_over_the_earlier_and_what_they_share_lies_under_both(here: Path) -> None:
    own = write(
        here,
        common=CLUSTER + VOLUME,
        big="config:\n  strata:extends: common.yaml\n  strata:ontap: {volumes: {images: {size: 1TiB}}}\n",
        flat="config:\n  strata:extends: common.yaml\n  strata:ontap: {volumes: {images: {aggregate: aggr9}}}\n",
        own="config:\n  strata:extends: [big.yaml, flat.yaml]\n",
    )
    volume = load(own).ontap.volumes["images"]
    assert (volume.size, volume.aggregate) == ("1TiB", "aggr9"), "flat must not bring common's size back"


def test_a_name_is_relative_to_the_file_that_says_it(here: Path) -> None:
    (here / "shared" / "clusters").mkdir(parents=True)
    (here / "shared" / "clusters" / "one.yaml").write_text(CLUSTER + VOLUME)
    (here / "shared" / "site.yaml").write_text("config: {strata:extends: clusters/one.yaml}\n")
    own = write(here, own="config: {strata:extends: shared/site.yaml}\n")
    assert load(own).ontap.volumes["images"].size == "50GiB"


def report(own: Path) -> list[str]:
    found = [str(problem) for problem in validate(own)]
    with pytest.raises(StackFileError) as raised:
        load(own)
    assert str(raised.value).splitlines() == found
    return found


WRONG = [
    (
        "what a base has wrong is shown in the base",
        {
            "base": CLUSTER + VOLUME.replace("50GiB", "50"),
            "own": "config: {strata:extends: base.yaml}\n",
        },
        ["base.yaml:6:44: config.strata:ontap.volumes.images.size: found 50; allowed: "],
    ),
    (
        "and also where nobody would see it, because a nearer file goes over it",
        {
            "base": CLUSTER + VOLUME.replace("50GiB", "50"),
            "own": "config:\n  strata:extends: base.yaml\n  strata:ontap: {volumes: {images: {size: 1TiB}}}\n",
        },
        ["base.yaml:6:44: config.strata:ontap.volumes.images.size: found 50; allowed: "],
    ),
    (
        "what is missing is shown in the nearest file that has what it is missing in",
        {
            "base": CLUSTER + "    volumes:\n      images: {svm: nas}\n",
            "own": "config:\n  strata:extends: base.yaml\n  strata:ontap: {volumes: {images: {size: 1TiB}}}\n",
        },
        ["own.yaml:3:28: config.strata:ontap.volumes.images: aggregate is missing; "],
    ),
    (
        "a name that nothing bears is shown where it stands",
        {
            "base": CLUSTER + VOLUME,
            "own": "config:\n  strata:extends: base.yaml\n  strata:ontap: {volumes: {images: {exportPolicy: gone}}}\n",
        },
        ["own.yaml:3:37: config.strata:ontap.volumes.images.exportPolicy: there is no "],
    ),
    (
        "a secret of another stack can't be decrypted",
        {
            "base": CLUSTER.replace("{env: C1}", "{secure: v1:AAAA:BBBB}") + VOLUME,
            "own": "config: {strata:extends: base.yaml}\n",
        },
        [
            "base.yaml:4:55: config.strata:ontap.clusters.c1.password: this is encrypted with the passphrase of one stack, "
        ],
    ),
    (
        "a secret in the open is refused once, without advice that would not work there",
        {
            "base": CLUSTER.replace("{env: C1}", "canary") + VOLUME,
            "own": "config: {strata:extends: base.yaml}\n",
        },
        [
            (
                "base.yaml:4:55: config.strata:ontap.clusters.c1.password: found plain text; "
                "a secret is never written openly: take it from outside with {env: NAME} or {file: PATH}."
            )
        ],
    ),
    (
        "Pulumi does not read a base",
        {
            "base": "encryptionsalt: v1:x\n" + CLUSTER + VOLUME + "  aws:region: eu\n",
            "own": "config: {strata:extends: base.yaml}\n",
        },
        [
            "base.yaml:1:1: encryptionsalt: Pulumi reads this in the stack's own file only; ",
            "base.yaml:8:3: config.aws:region: Pulumi reads the settings of other programs in the stack's own file only; ",
        ],
    ),
    (
        "a null that takes nothing away is a mistake",
        {
            "base": CLUSTER + VOLUME,
            "own": "config:\n  strata:extends: base.yaml\n  strata:ontap: {volumes: {images: {comment: null}}}\n",
        },
        [
            "own.yaml:3:37: config.strata:ontap.volumes.images.comment: null takes away what is inherited, and "
        ],
    ),
    (
        "what a null took away is missing",
        {
            "base": CLUSTER + VOLUME,
            "own": "config:\n  strata:extends: base.yaml\n  strata:ontap: {volumes: {images: {svm: null}}}\n",
        },
        ["own.yaml:3:28: config.strata:ontap.volumes.images: svm is missing; "],
    ),
    (
        "a base that is not YAML hides what it would bring, and nothing is said about that",
        {
            "base": "config: {\n",
            "own": "config: {strata:extends: base.yaml, strata:ontap: {volumes: {a: {}}}}\n",
        },
        ["base.yaml:2:1: this is not YAML: "],
    ),
    (
        "a misspelt name",
        {"base": CLUSTER, "own": "config: {strata:extends: [bose.yaml]}\n"},
        ["own.yaml:1:27: config.strata:extends[0]: there is no file bose.yaml. Did you mean base.yaml?"],
    ),
    (
        "a circle",
        {
            "base": "config: {strata:extends: other.yaml}\n",
            "other": "config: {strata:extends: base.yaml}\n",
            "own": "config: {strata:extends: base.yaml}\n",
        },
        [
            "other.yaml:1:10: config.strata:extends: this goes round in a circle: base.yaml -> other.yaml -> base.yaml."
        ],
    ),
    (
        "a file that extends itself",
        {"own": "config: {strata:extends: own.yaml}\n"},
        ["own.yaml:1:10: config.strata:extends: this goes round in a circle: own.yaml -> own.yaml."],
    ),
    (
        "neither a name nor names",
        {"own": "config: {strata:extends: {file: base.yaml}}\n"},
        [
            "own.yaml:1:10: config.strata:extends: found an object; allowed: the path of a file, or a list of them"
        ],
    ),
    (
        "a folder",
        {"own": "config: {strata:extends: .}\n"},
        ["own.yaml:1:10: config.strata:extends: there is no file"],
    ),
]


@pytest.mark.parametrize(("because", "files", "expected"), WRONG, ids=[one[0] for one in WRONG])
def test_what_is_wrong_is_placed_in_its_file(
    because: str, files: dict[str, str], expected: list[str], here: Path
) -> None:
    found = report(write(here, **files))
    assert len(found) == len(expected), found
    for one, begin in zip(found, expected, strict=True):
        assert one.startswith(begin), because
        assert "canary" not in one


def test_a_base_by_itself_need_not_be_complete(here: Path) -> None:
    write(here, base="config:\n  strata:ontap: {volumes: {images: {size: 1TiB}}}\n")
    assert validate_base(here / "base.yaml") == []


def test_a_base_by_itself_has_to_be_right(here: Path) -> None:
    write(here, base="config:\n  strata:ontap: {volumes: {images: {sise: 1TiB, svm: null}}}\n")
    assert [str(one) for one in validate_base(here / "base.yaml")] == [
        "base.yaml:2:37: config.strata:ontap.volumes.images.sise: there is no such key. Did you mean size?",
        (
            "base.yaml:2:49: config.strata:ontap.volumes.images.svm: "
            "null takes away what is inherited, and here nothing is; remove it."
        ),
    ]


def test_a_base_may_extend_another_one(here: Path) -> None:
    write(
        here, far=CLUSTER, base="config: {strata:extends: far.yaml, strata:ontap: {clusters: {c1: null}}}\n"
    )
    assert validate_base(here / "base.yaml") == []


def test_where_a_value_comes_from(here: Path) -> None:
    own = write(
        here,
        base=CLUSTER + VOLUME,
        own="config:\n  strata:extends: base.yaml\n  strata:ontap: {volumes: {images: {size: 1TiB}}}\n",
    )
    layers = extends.read(own)
    volume = ("config", "strata:ontap", "volumes", "images")
    assert layers.origin((*volume, "size"))[0].shown == "own.yaml"
    assert layers.origin((*volume, "svm"))[0].shown == "base.yaml"
    assert layers.origin((*volume, "comment")) == (layers.nearest, volume), "the nearest thing around it"


def test_the_provider_gets_the_same_without_the_file(here: Path) -> None:
    own = write(here, base=CLUSTER + VOLUME, own="config: {strata:extends: base.yaml}\n")
    inherited = extends.bases("base.yaml", here, "Pulumi.x.yaml")
    assert inherited["config"]["strata:ontap"] == extends.read(own).merged["config"]["strata:ontap"]
    with pytest.raises(StackFileError, match=r"Pulumi.x.yaml.*there is no file gone.yaml"):
        extends.bases(["base.yaml", "gone.yaml"], here, "Pulumi.x.yaml")
