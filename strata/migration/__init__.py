"""Moves Glance's images from one directory to another: a program that runs on Glance's host, by Glance's own interpreter.

Nothing but the standard library and that interpreter's SQLAlchemy (1.4 and up), Python 3.9 and up. `bundle` makes one text of
these modules; on the host each phase is one command of it, safe to repeat, and what it has done stands in a journal there.

    check, copy (Glance runs), delta (Glance stands still), locate or restore, prune; progress and status at any time
"""
