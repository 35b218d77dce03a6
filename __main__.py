"""The Pulumi program: one stack file in, one foundation out."""

from __future__ import annotations

from pathlib import Path

import pulumi

from components.foundation import Foundation
from strata.stackfile import StackFileError, load

try:
    stack = load(Path("stacks") / f"Pulumi.{pulumi.get_stack()}.yaml")
except StackFileError as error:
    raise pulumi.RunError(str(error)) from None

for name, value in Foundation(stack).outputs().items():
    pulumi.export(name, value)
