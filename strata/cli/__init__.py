"""The `strata` command line: one module a subcommand, joined in main.py."""
