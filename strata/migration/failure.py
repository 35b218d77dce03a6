"""What stops a phase: sentences for the operator, never with the text of a connection in them."""

from __future__ import annotations


class Stopped(Exception):
    """A phase can't be done; each sentence says what was found and what to do next."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def words(error: OSError) -> str:
    """What the kernel said, without the path that the sentence names anyway."""
    return error.strerror or type(error).__name__
