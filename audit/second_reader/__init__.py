"""A second reader: a large language model that finds faults of sense and verifies findings.

`reader` is the entry. `scope` chooses what is asked, `prompts` puts it into words, `client` asks,
`answers` believes only what can be checked, `calibration` says how much an answer is worth, and
`fuse` lays its remarks beside the findings of the detectors.
"""

STAGE = "second reader"
"""Name of the stage, and of what is skipped where it cannot run."""
