"""The Pulumi program: one stack file in, one foundation out."""

from __future__ import annotations

from pathlib import Path

import pulumi

from components.foundation import Foundation
from strata.errors import StrataError
from strata.stackfile import load

try:
    foundation = Foundation(load(Path("stacks") / f"Pulumi.{pulumi.get_stack()}.yaml"))
except StrataError as error:
    raise pulumi.RunError(str(error)) from None

for name, value in foundation.outputs().items():
    pulumi.export(name, value)
