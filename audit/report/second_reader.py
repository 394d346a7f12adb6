"""What a second reader read, in words."""

from __future__ import annotations

from audit.model import SecondReading
from audit.report.words import count


def said(reading: SecondReading) -> str:
    """What it read and verified, what was left, and how far it is believed."""
    parts = [
        f"A second reader ({reading.model}) read {reading.read:,} of "
        f"{count(reading.of, 'sentence')}."
    ]
    if reading.left:
        parts.append(f"{count(reading.left, 'sentence')} it did not read.")
    if reading.verified:
        denied = f"; it denies {reading.denied:,}" if reading.denied else "; it denies none"
        parts.append(f"It was asked about {count(reading.verified, 'serious finding')}{denied}.")
    if dropped := sum(reading.dropped.values()):
        parts.append(f"Not believed, as it cannot be checked: {count(dropped, 'thing')} it said.")
    if not reading.calibrated:
        parts.append(
            "How often it is right was not measured: what it alone sees is a suspicion, and it "
            "changes no score."
        )
    return " ".join(parts)
