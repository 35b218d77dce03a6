"""`strata new`: a new environment after the model of another."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path as File
from typing import TYPE_CHECKING, Any, Final

from strata import stackfile
from strata.cli.validate import files
from strata.environments import draft as drafts
from strata.environments import making, questions
from strata.environments.draft import Draft
from strata.errors import Failed
from strata.stackfile import allowed, extends, paths
from strata.stackfile.located import Path, render

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

ASK: Final = "ask"

EXAMPLES: Final = """\
examples:
  strata new osaka --from tokyo
  strata new osaka --from tokyo --set strata:ontap.clusters.cluster01.hostname=cluster01.osaka.example.org
  strata new osaka --from tokyo --secret strata:ontap.clusters.cluster01.password=env:OSAKA_PASSWORD \\
      --secret strata:swift.accounts.cloudstack.key=ask
  strata new dev --from lab --lab dev

On a terminal it asks for what differs between sites, and for the secrets, which are not shown and which Pulumi encrypts. It needs
the passphrase of the new environment in PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE. The file is written when
everything in it is right, or not at all.
exit code: 0 made, 2 not made
"""


def register(subparsers: Subparsers) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "new",
        help="a new environment after the model of another",
        description="Write stacks/Pulumi.ENV.yaml after the model of another environment, and make its stack.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", metavar="ENV", help="its name")
    parser.add_argument(
        "--from", dest="model", metavar="STACK|FILE", required=True, help="the model: lab, tokyo, or a file"
    )
    parser.add_argument(
        "--set",
        dest="values",
        metavar="PATH=VALUE",
        action="append",
        default=[],
        help="a value as in YAML; an empty one takes it out",
    )
    parser.add_argument(
        "--secret",
        dest="secrets",
        metavar="PATH=SOURCE",
        action="append",
        default=[],
        help="where a secret is taken from: env:NAME or file:PATH, at each use; ask, to type it now",
    )
    parser.add_argument(
        "--lab",
        metavar="NAME",
        help="for another embedded environment, `strata lab --name NAME up`: what the lab makes is taken from there",
    )
    parser.add_argument("--non-interactive", action="store_true", help="ask nothing")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make it, or say why not."""
    project = stackfile.root(File.cwd())
    target = making.target(arguments.name, project)
    (model,) = files([arguments.model], File.cwd())
    _refuse_unreadable(model)
    draft = drafts.begin(extends.text(model), target)
    if arguments.lab:
        draft = drafts.in_lab(draft, arguments.lab)
    answered, draft = _flags(draft, arguments.values, arguments.secrets)
    if arguments.lab:
        answered |= {path: arguments.lab for path in drafts.of_the_lab(draft) if path not in answered}
    asked = [path for path, source in answered.items() if source == ASK]
    unknown = _open_secrets(draft, answered)
    if sys.stdin.isatty() and not arguments.non_interactive:
        terminal = questions.RealTerminal()
        draft = draft if arguments.lab else questions.values(draft, answered, terminal)
        draft = questions.secrets(draft, [*asked, *unknown], terminal)
    else:
        _refuse_unanswered(draft, asked, unknown, answered)
    making.make(draft, arguments.name, project)
    print(
        f"{os.path.relpath(target)} is written, with the comments of {os.path.relpath(model)}; stack {arguments.name} is made."
    )
    print(f"Next: pulumi preview --diff --stack {arguments.name}")
    return 0


def _refuse_unreadable(model: File) -> None:
    layers = extends.read(model)
    broken = [*layers.problems, *(one for layer in layers.all for one in extends.faults(layer))]
    if broken:
        raise stackfile.StackFileError(broken)


def _flags(draft: Draft, values: Sequence[str], secrets: Sequence[str]) -> tuple[dict[Path, Any], Draft]:
    """The draft with what the command line says, and the paths that need no question any more, with what was said."""
    answered: dict[Path, Any] = {}
    for flag in values:
        path, words = _split(flag, "--set")
        if allowed.is_secret(path):
            raise Failed(
                f"{render(path[1:])} is a secret, which must not stand on a command line: use --secret {render(path[1:])}=ask."
            )
        draft = draft.with_value(path, drafts.read_value(words, path)) if words else draft.without(path)
        answered[path] = words
    for flag in secrets:
        path, source = _split(flag, "--secret")
        if not allowed.is_secret(path) and not (source == ASK and path in drafts.encrypted(draft)):
            raise Failed(f"{render(path[1:])} is no secret: use --set.")
        kind, _, name = source.partition(":")
        if source != ASK and not (kind in ("env", "file") and name):
            raise Failed(f"--secret {render(path[1:])} takes env:NAME, file:PATH or ask.")
        draft = draft.with_value(path, drafts.STANDIN if source == ASK else {kind: name})
        answered[path] = source
    return answered, draft


def _split(flag: str, option: str) -> tuple[Path, str]:
    name, equals, words = flag.partition("=")
    if not equals:
        raise Failed(f"{option} takes PATH=…, as in {option} strata:ontap.clusters.cluster01.…=…")
    return paths.in_configuration(name), words.strip()


def _open_secrets(draft: Draft, answered: dict[Path, Any]) -> list[Path]:
    """Secrets that can't be taken over from the model."""
    lab = [path for path in drafts.of_the_lab(draft) if allowed.is_secret(path)]
    return [path for path in dict.fromkeys([*drafts.encrypted(draft), *lab]) if path not in answered]


def _refuse_unanswered(
    draft: Draft, asked: Sequence[Path], secrets: Sequence[Path], answered: dict[Path, Any]
) -> None:
    """Everything that only a person or a flag can answer, all at once."""
    if asked:
        raise Failed(
            f"Nobody is there to type {render(asked[0][1:])}: ask works on a terminal, without --non-interactive."
        )
    lab = [path for path in drafts.of_the_lab(draft) if path not in secrets and path not in answered]
    if not lab and not secrets:
        return
    flags = [f"  --secret {render(path[1:])}=env:NAME" for path in secrets]
    flags += [f"  --set {render(path[1:])}=VALUE" for path in lab]
    raise Failed(
        "These are the model's own, encrypted with its passphrase or made by the lab. Say what they are here:\n"
        + "\n".join(flags)
    )
