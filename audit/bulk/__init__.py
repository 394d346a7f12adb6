"""Many stories: chunks of them, who audits these, and the parts that a long run keeps."""

from typing import Literal

PartForm = Literal["jsonl", "jsonl.gz", "parquet"]
"""Form of the parts that a long run keeps. It stands here since the command line knows it before
anything is audited."""
