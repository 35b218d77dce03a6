"""The stack file of a new environment while it comes into being, and what of its model can't be taken over as it is. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as File
from typing import Any, Final

from strata import stackfile
from strata.environments import editing
from strata.errors import Failed
from strata.stackfile import allowed, document, extends
from strata.stackfile.located import Located, Path, render

PULUMIS_OWN: Final = ("secretsprovider", "encryptedkey")
SCHEMA: Final = "../schemas/stack.schema.json"
PART_SCHEMA: Final = "../schemas/stack-part.schema.json"
"""By which an editor checks a file that is complete only with what it extends."""
LAB: Final = ".lab/"
"""Where the embedded environment keeps what it makes afresh; nothing of it is of use to another."""
STANDIN: Final = {"env": "ASKED_FOR"}
"""Stands for a secret until it is encrypted, so that everything else can be checked before."""
SITE: Final = frozenset(
    {
        "hostname",
        "address",
        "port",
        "username",
        "user",
        "hostKey",
        "caFile",
        "endpoint",
        "authUrl",
        "url",
        "source",
    }
    | {
        "svm",
        "aggregate",
        "dataLif",
        "server",
        "dns",
        "internalDns",
        "gateway",
        "netmask",
        "startIp",
        "endIp",
    }
)
"""Keys whose values are a site's own: addresses, accounts, and what systems call their parts."""


@dataclass(frozen=True)
class Draft:
    """text: as it would be written; file: where; secrets: what is yet to be encrypted, by its path."""

    text: str
    file: File
    secrets: Mapping[Path, str] = field(default_factory=dict, repr=False)

    @property
    def data(self) -> Any:
        """What the environment consists of, with what it inherits."""
        return extends.of(self.text, self.file).merged

    def problems(self) -> list[Located]:
        """Everything wrong with it, at the places that it would have in its file."""
        return stackfile.validate_text(self.text, self.file)

    def with_value(self, path: Path, value: Any) -> Draft:
        return replace(self, text=editing.put(self.text, path, value))

    def without(self, path: Path) -> Draft:
        """Without a value; one that it inherits is taken away by a null."""
        if value_at(document.read(self.text).data, path) is None:
            return self.with_value(path, None)
        return replace(self, text=editing.take_out(self.text, path))

    def with_secret(self, path: Path, secret: str) -> Draft:
        """A secret that is encrypted when the stack is there."""
        return replace(self.with_value(path, STANDIN), secrets={**self.secrets, path: secret})

    def complete(self, salt: str, ciphertexts: Mapping[Path, str]) -> Draft:
        """With the salt of its passphrase, and every secret encrypted by it."""
        text = editing.put_salt(self.text, salt)
        for path, ciphertext in ciphertexts.items():
            text = editing.put(text, path, {"secure": ciphertext})
        return Draft(text, self.file)


def begin(model: str, file: File) -> Draft:
    """After the text of another stack file; its passphrase isn't taken along."""
    for key in PULUMIS_OWN:
        model = editing.drop(model, key)
    extending = extends.named(document.read(model).data)
    return Draft(editing.put_hint(model, PART_SCHEMA if extending else SCHEMA), file)


def encrypted(draft: Draft) -> list[Path]:
    """Secrets that another passphrase encrypted: nobody can read them here."""
    own = document.read(draft.text).data
    return [path for path, value in _leaves(own, ()) if isinstance(value, Mapping) and "secure" in value]


def of_the_lab(draft: Draft) -> list[Path]:
    """Values that lie in the lab's folder."""
    return [path for path, value in _leaves(draft.data, ()) if _in_lab(value)]


def of_a_site(draft: Draft) -> list[Path]:
    """Values that differ from one site to the next, secrets left out, in the order of the file."""
    lab = bool(of_the_lab(draft))
    return [
        path
        for path, value in _leaves(draft.data, ())
        if not allowed.is_secret(path) and (path[-1] in SITE or (lab and unprotected(path, value)))
    ]


def unprotected(path: Path, value: Any) -> bool:
    """What the lab may lose and no site would."""
    return path[-1] == "protect" and value is False


def in_lab(draft: Draft, name: str) -> Draft:
    """With what another lab of this machine makes, in place of what the model's lab does."""
    for path in of_the_lab(draft):
        value = value_at(draft.data, path)
        moved = {"file": _moved(value["file"], name)} if isinstance(value, Mapping) else _moved(value, name)
        draft = draft.with_value(path, moved)
    return draft


def _moved(within: str, name: str) -> str:
    return f"{LAB}{name}/{within.removeprefix(LAB).partition('/')[2]}"


def value_at(data: Any, path: Path) -> Any:
    """None where nothing is."""
    for step in path:
        if isinstance(data, Mapping):
            data = data.get(step)
        else:
            data = (
                data[step] if isinstance(data, list) and isinstance(step, int) and step < len(data) else None
            )
    return data


def read_value(words: str, path: Path) -> Any:
    """What an operator typed for a value: as YAML, but a number stays text where the schema takes text alone."""
    takes = (allowed.entry(path) or {}).get("type", ())
    types = {takes} if isinstance(takes, str) else set(takes)
    if types == {"array"} and not words.startswith("["):
        words = f"[{words}]"
    read = document.read(words)
    if read.faults:
        raise Failed(f"The value of {render(path[1:])} can't be read: {read.faults[0].message}")
    single = not isinstance(read.data, dict | list)
    return words if single and types <= {"string", "object"} and "string" in types else read.data


def _in_lab(value: Any) -> bool:
    return any(isinstance(one, str) and one.startswith(LAB) for one in (value, *_sources(value)))


def _sources(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping) and len(value) == 1:
        yield value.get("file")


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Single values, lists of single values and values from outside, in the order of the file."""
    if isinstance(value, Mapping) and not (
        allowed.takes_reference(path) or isinstance(value.get("secure"), str)
    ):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list) and any(isinstance(one, Mapping | list) for one in value):
        for i, inner in enumerate(value):
            yield from _leaves(inner, (*path, i))
    elif path:
        yield path, value
