"""Set-up: makes a checkout on a fresh Debian 12 ready to plan, to apply and to test.

Runs under the system's Python, before there is a virtual environment, so it uses the standard library only.
`__main__.py` lists the steps; each step is one file.
"""
