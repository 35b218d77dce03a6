"""A stand-in for the plugin of pulumi-command 1.2.1, for machines that cannot fetch the official binary.

It answers to the same resource tokens with the same properties, so that a stack may change from one to the other without
a difference in state, outputs or diffs: wire.py (values), properties.py (the table of inputs), difference.py and flow.py
(what changed; what is secret or unknown), local_run.py, remote_connection.py, remote_run.py and remote_copy.py (the work),
servicer.py and serve.py (the engine's verbs). Left out are `remote.CopyFile`, long deprecated, and Windows.
"""

VERSION = "1.2.1"
