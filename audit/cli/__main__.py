"""Runs the command line: `python -m audit.cli`."""

from audit.cli.main import main

main()
