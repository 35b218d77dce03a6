"""How a verb ends when it does not end well: three kinds of failure, nothing else.

InvalidProperties  check found problems; the engine shows each beside its property
InitFailed         the object exists but is not as declared; id and observed state are kept, the next run updates it
OperationFailed    nothing new is known to exist; the state stays as it was
"""

from __future__ import annotations

from typing import Any

from strata.errors import StrataError


class InitFailed(StrataError):
    """Exists but not ready: `id` and `properties` (as observed) go into the state together with the reasons."""

    def __init__(self, id: str, properties: dict[str, Any], reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.id = id
        self.properties = properties
        self.reasons = reasons


class OperationFailed(StrataError):
    """The verb failed and the state stays as it was; `str()` is the whole sentence for the operator."""
