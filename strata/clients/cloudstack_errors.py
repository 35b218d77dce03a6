"""What can become of a call to CloudStack's API."""

from __future__ import annotations

import re
from dataclasses import dataclass

from strata.errors import Failed

INVALID, INTERNAL, UNAUTHORIZED, UNSUPPORTED = 431, 530, 401, 432
_NO_ENTITY = re.compile(r"entity does not exist|doesn't exist|does not exist")


@dataclass
class Refused(Failed):
    """CloudStack said no.

    code         of the answer, or of the failed job: 431 a parameter, 530 an internal failure, 401 not allowed, …
    reason       CloudStack's own word for the exception (cserrorcode); 0 where it says none
    text         its words
    from_job     the call was accepted, its job failed
    """

    sentence: str
    code: int
    reason: int
    text: str
    from_job: bool = False

    def __post_init__(self) -> None:
        super().__init__(self.sentence)

    def __str__(self) -> str:
        return self.sentence

    @property
    def says_gone(self) -> bool:
        """Whether the words are those for an id that names nothing (any more)."""
        return self.code in (INVALID, INTERNAL) and bool(_NO_ENTITY.search(self.text))


class LostAnswer(Failed):
    """The request was sent and no answer came: it may have been done. Read before asking again."""
