"""Generates what derives from the kinds: resource classes and reference pages."""
