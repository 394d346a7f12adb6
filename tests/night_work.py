"""Runs a night again and again in processes that are killed at random moments, then to its end.

Imports once and forks a process for each try; prints how each ended. Vectors must be kept in the
store already: the encoder's threads do not outlive a fork.
"""

from __future__ import annotations

import io
import json
import logging
import os
import random
import signal
import sys
import traceback
from datetime import datetime
from pathlib import Path
from typing import Any

from small_web import QuickClock
from sqlalchemy import Engine, event

from audit.config import Settings
from audit.feeds.fetch import Limits
from audit.feeds.settings import FeedSettings
from audit.nightly.log import open_log
from audit.nightly.run import Night, run_night
from audit.pipeline import audit_text

LIMITS = Limits(tries=1)


def night_of(plan: dict[str, Any]) -> Night:
    """The night of a plan: the URL of the store, feeds, and a folder for reports."""
    settings = Settings(causal_model="none", grammar=False, store=plan["store"])
    feeds = [FeedSettings(**f) for f in plan["feeds"]]
    return Night(settings, feeds, Path(plan["folder"]), ["json"], limits=LIMITS)


def run(plan: dict[str, Any]) -> None:
    """Run the night at the time of the plan."""
    log = open_log(io.StringIO(), logging.CRITICAL)
    run_night(night_of(plan), log, clock=QuickClock(datetime.fromisoformat(plan["now"])))


def kill_at(moment: int) -> None:
    """Kill this process before it executes or commits for the n-th time."""
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)


def tried(plan: dict[str, Any], moment: int | None) -> int:
    """Run in a process of its own; its exit status, or the signal that ended it below zero."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        if moment is not None:
            kill_at(moment)
        run(plan)
        status = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(status)


def load() -> None:
    """Load once what each process would load, word lists and trained models; not the encoder."""
    text = " ".join(["The harbour of Veldin was opened on Monday, the authority said."] * 5)
    audit_text(text, settings=Settings(causal_model="none", grammar=False))


if __name__ == "__main__":
    load()
    for line in sys.stdin:
        plan = json.loads(line)
        rng = random.Random(plan["seed"])
        moments = [rng.randrange(1, plan["longest"]) for _ in range(plan["kills"])]
        print(json.dumps([tried(plan, m) for m in (*moments, None)]), flush=True)
