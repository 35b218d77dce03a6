"""The provider starts with every run of the engine: what only some stacks need is not loaded before they need it."""

from __future__ import annotations

import subprocess
import sys

SLOW = {
    "asyncssh": "asks the C compiler for libraries, whether a stack has hosts or not",
    "swiftclient": "brings keystoneclient, whether a stack has accounts or not",
    "keystoneclient": "compiles a hundred patterns",
    "netapp_ontap": "has a module for each sort of object",
}


def test_what_only_some_stacks_need_is_not_loaded_at_the_start() -> None:
    program = "import sys, strata.provider.__main__; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert "strata.provider.kinds.swift_account" in loaded
    for module, because in SLOW.items():
        assert module not in loaded, because
