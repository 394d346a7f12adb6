"""What `check` does: one text is audited beside its witnesses, and reported on alone."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from audit.cli.input import Checked, read_checked
from audit.config import Settings
from audit.errors import ConfigurationError, InputError
from audit.model import AuditResult

if TYPE_CHECKING:
    from audit.pipeline import Engine

POLL_SECONDS = 0.5
"""How often `--watch` looks at the files."""


@dataclass(frozen=True, slots=True)
class Check:
    """One text to check, its witnesses, and how and where the result is written."""

    source: str
    others: Sequence[str]
    settings: Settings
    format: str = "text"
    output: str = "-"
    colour: bool = False

    def run(self, auditor: Engine) -> AuditResult:
        """Check the text and write the result."""
        from audit.report.formats import ALIASES, Reports
        from audit.report.text import listing

        began = time.perf_counter()
        read = read_checked(self.source, self.others, self.settings)
        result = checked(read, auditor)
        if self.format == "text":
            text = listing(
                result,
                files=read.files,
                seconds=time.perf_counter() - began,
                summary=False,
                colour=self.colour,
            )
            self._put(text.encode(errors="backslashreplace"))
        else:
            name = ALIASES.get(self.format, self.format)
            self._put(Reports(result, files=read.paths).render(name))
        return result

    def fix(self, auditor: Engine, *, write: bool, quiet: bool) -> AuditResult:
        """Check the text and print the sure suggestions as a patch; with `write` make the change,
        and return the result without what it mended. Raises InputError for what is no plain
        text file."""
        from audit.cli.fix import fix_of

        if not Path(self.source).is_file():
            raise InputError(self.source, "--fix mends plain text files, not other input")
        result = checked(read_checked(self.source, self.others, self.settings), auditor)
        fix = fix_of(self.source, result)
        self._put(fix.patch())
        if write:
            fix.write()
        if not quiet:
            what = "written into the file" if write else "in the patch"
            print(f"mtaudit: {len(fix.findings)} suggestions {what}", file=sys.stderr)
        if not write:
            return result
        mended = set(fix.findings)
        return replace(result, findings=tuple(f for f in result.findings if f not in mended))

    def watch(self, auditor: Engine) -> NoReturn:
        """Check whenever the text or a witness changes; ends with KeyboardInterrupt. What cannot be
        read is named, and looked at again once it changes."""
        files = [f for f in (self.source, *self.others) if Path(f).is_file()]
        if self.source not in files:
            raise ConfigurationError(f"--watch: {self.source} is no file that can change")
        while True:
            state = _state(files)
            try:
                self.run(auditor)
            except InputError as e:
                print(f"mtaudit: error: {e}", file=sys.stderr)
            while _state(files) == state:
                time.sleep(POLL_SECONDS)

    def _put(self, rendered: bytes) -> None:
        from audit.report.write import writer

        with writer(self.output) as out:
            out.write(rendered)
            out.flush()


def _state(files: Sequence[str]) -> list[tuple[int, int, int] | None]:
    """What changes of files when they do; None for one that is not there just now."""
    found: list[tuple[int, int, int] | None] = []
    for file in files:
        try:
            s = Path(file).stat()
        except FileNotFoundError:
            found.append(None)
        else:
            found.append((s.st_mtime_ns, s.st_size, s.st_ino))
    return found


def checked(read: Checked, auditor: Engine) -> AuditResult:
    """What is found in the text; its story is the text's id.

    Raises InputError if the text cannot be scored.
    """
    from audit.conclude.first import audit_first

    own = read.version.id
    result = audit_first(lambda vs: auditor.audit(own, vs), [read.version, *read.witnesses])
    return replace(result, skipped=(*read.skipped, *result.skipped)).of_version(own)
