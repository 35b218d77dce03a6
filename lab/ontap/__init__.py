"""An emulator of ONTAP's REST API: stateful, fault-injectable, with asynchronous jobs and a journal.

What it does is written in facts/ontap.md; what those facts leave open stands in `unverified.py` with its reason.
It is held to by the clients that talk to real systems: netapp-ontap, and the requests of the Ansible collection,
Manila's driver and the Terraform provider.
"""
