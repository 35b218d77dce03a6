"""What an operator declares, as Pulumi components: one file each, all edges visible in foundation.py."""
