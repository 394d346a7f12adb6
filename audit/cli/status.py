"""Exit statuses; docs/cli.md says what each means."""

DONE, FINDINGS, USAGE, PARTIAL, INTERNAL = 0, 1, 2, 3, 4
LOCKED, INTERRUPTED, PIPE_CLOSED = 75, 130, 141
