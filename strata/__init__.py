"""Strata declares what a private cloud's storage stands on, and Pulumi makes and keeps it."""

__version__ = "0.1.0"
