"""An emulator of CloudStack's management API, in two eras, with no cloud behind it.

What it does was observed on a running 4.23 server and is replayed against that server's recorded answers; the era of
4.1 and before follows its source. What neither of the two tells is marked "not observed" where it stands.
"""
