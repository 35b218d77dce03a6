"""Stack files: YAML with places, checked as a whole, then frozen dataclasses (model.py). Knows neither Pulumi nor any system.

Needs no passphrase and no network; a file behind `{file: PATH}` isn't opened.
"""

from strata.stackfile.located import Located, StackFileError
from strata.stackfile.model import StackFile
from strata.stackfile.project import bases, find, is_base, root, stacks
from strata.stackfile.reading import load, validate, validate_base, validate_text

__all__ = [
    "Located",
    "StackFile",
    "StackFileError",
    "bases",
    "find",
    "is_base",
    "load",
    "root",
    "stacks",
    "validate",
    "validate_base",
    "validate_text",
]
