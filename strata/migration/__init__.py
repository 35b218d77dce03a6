"""Moves Glance's images from one directory to another: a program that runs on Glance's host, by Glance's own interpreter.

Nothing but the standard library and that interpreter's SQLAlchemy (1.4 and up), Python 3.9 and up. `bundle` makes one text of
these modules; on the host each phase is one command of it, safe to repeat, and what it has done stands in a journal there.

    check, copy     while Glance runs
    cutover         stop, delta, verify, own, locate, setting, start: one process, ready before the stop; rollback puts it back
    prove, prune    every image from the new place with its hash; then the old files go, where that is wanted
    progress, status at any time; delta, locate and restore are phases of a cutover by themselves
"""
