"""The questions of `strata new`: for each value that differs between sites, and for each secret that can't be taken over."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from strata.environments import draft as drafts
from strata.environments.draft import Draft
from strata.environments.editing import flow
from strata.errors import Failed
from strata.stackfile import allowed
from strata.stackfile.located import Path, render

TAKE_OUT: Final = "-"
KEY_BEGINS, KEY_ENDS = "-----BEGIN ", "-----END "


class Terminal(Protocol):
    """Somebody who answers."""

    def say(self, line: str) -> None: ...

    def ask(self, question: str) -> str: ...

    def secret(self, question: str) -> str:
        """An answer that is not shown."""


class RealTerminal:
    """The one that the command was called from."""

    def say(self, line: str) -> None:
        print(line)

    def ask(self, question: str) -> str:
        print(question, end="", flush=True)
        return _line().strip()

    def secret(self, question: str) -> str:
        """One line; of a key in PEM, which is pasted, all of them.

        Not by getpass, which drops what was pasted behind the first line.
        """
        with _without_echo(sys.stdin.fileno()):
            # Only now: an answer that is quicker than this would be shown.
            print(question, end="", flush=True)
            lines = [_line()]
            while lines[0].startswith(KEY_BEGINS) and not lines[-1].startswith(KEY_ENDS):
                lines.append(_line())
        print()
        return "".join(lines).rstrip("\n")


def _line() -> str:
    line = sys.stdin.readline()
    if not line:
        raise Failed("The answers ended before the last question; nothing was made.")
    return line


@contextmanager
def _without_echo(terminal: int) -> Iterator[None]:
    """What is typed is not shown; what was typed before the question does not count."""
    import termios  # not everywhere, and the other commands work without

    before = termios.tcgetattr(terminal)
    silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(terminal, termios.TCSAFLUSH, silent)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


def values(draft: Draft, answered: Collection[Path], terminal: Terminal) -> Draft:
    """The draft with an answer to everything that differs between sites."""
    lab = drafts.of_the_lab(draft)
    asked = [path for path in _in_order(draft, lab) if path not in answered]
    if asked:
        terminal.say(
            f"{len(asked)} values differ from site to site. Enter keeps what stands in brackets, {TAKE_OUT} takes a value out."
        )
    same: dict[str, Any] = {}
    for path in asked:
        current = drafts.value_at(draft.data, path)
        if current is None:
            continue  # an object that an earlier answer took out
        suggested = same.get(flow(current), _suggested(path, current, path in lab))
        draft = _value(draft, path, suggested, terminal)
        same[flow(current)] = drafts.value_at(draft.data, path)
    return draft


def secrets(draft: Draft, paths: Iterable[Path], terminal: Terminal) -> Draft:
    """The draft with a secret typed for each path."""
    for path in paths:
        terminal.say(f"{render(path[1:])}: {_words(path)}")
        while not (secret := terminal.secret("  typed or pasted, not shown, encrypted at once: ")):
            terminal.say(
                "  It can't be empty. Ctrl-C ends this, and --secret PATH=env:NAME or PATH=file:PATH takes it from outside."
            )
        draft = draft.with_secret(path, secret)
    return draft


def _in_order(draft: Draft, lab: list[Path]) -> list[Path]:
    asked = [*drafts.of_a_site(draft), *(path for path in lab if not allowed.is_secret(path))]
    return list(dict.fromkeys(asked))


def _suggested(path: Path, current: Any, of_the_lab: bool) -> Any:
    if drafts.unprotected(path, current):
        return True
    return (allowed.entry(path) or {}).get("default") if of_the_lab else current


def _value(draft: Draft, path: Path, suggested: Any, terminal: Terminal) -> Draft:
    """Asks until the answer fits."""
    terminal.say(f"{render(path[1:])}: {_words(path)}")
    question = f"  [{flow(suggested)}]: " if suggested is not None else "  : "
    while True:
        words = terminal.ask(question)
        if not words and suggested is None:
            terminal.say("  What stands there is the lab's own, so an answer is needed.")
            continue
        try:
            changed = _changed(draft, path, words, suggested)
        except Failed as error:
            terminal.say(f"  {error}")
            continue
        wrong = _wrong(changed, path, words) - _wrong(draft, path, words)
        if not wrong:
            return changed
        for message in sorted(wrong):
            terminal.say(f"  {message}")


def _changed(draft: Draft, path: Path, words: str, suggested: Any) -> Draft:
    if words == TAKE_OUT:
        return draft.without(path)
    value = drafts.read_value(words, path) if words else suggested
    return draft if value == drafts.value_at(draft.data, path) else draft.with_value(path, value)


def _wrong(draft: Draft, path: Path, words: str) -> set[str]:
    """What is wrong with a value; of one that was taken out, what is wrong without it."""
    at = render(path)
    within = (f"{at}.", f"{at}[")
    return {
        one.message
        for one in draft.problems()
        if words == TAKE_OUT or one.path == at or one.path.startswith(within)
    }


def _words(path: Path) -> str:
    return str((allowed.entry(path) or {}).get("description", ""))
