"""Proof by use: what the stack file declares is looked at where it stands, and a probe goes all the way through it."""
