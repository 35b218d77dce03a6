"""Drift: what `pulumi up` would do and what a refresh would change, of one stack or of many, in one line per property.

engine.py runs Pulumi, events.py reads what it says, looking.py puts one stack together, accepting.py takes out what the stack
file accepts, formats/ writes the report. No state is written and no lock is taken.
"""
