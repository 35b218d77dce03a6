"""Moved: see strata.deadline."""

from strata.deadline import Clock, Deadline

__all__ = ["Clock", "Deadline"]
