"""Stack files: YAML with places, checked as a whole, then frozen dataclasses (model.py). Knows neither Pulumi nor any system.

Needs no passphrase and no network; a file behind `{file: PATH}` isn't opened.
"""

from strata.stackfile.located import Located, StackFileError
from strata.stackfile.model import StackFile
from strata.stackfile.project import find, root, stacks
from strata.stackfile.reading import load, validate

__all__ = ["Located", "StackFile", "StackFileError", "find", "load", "root", "stacks", "validate"]
