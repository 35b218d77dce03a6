"""Typed Pulumi resources, one class per kind; generated from the kinds by `python -m tools.generate`."""
