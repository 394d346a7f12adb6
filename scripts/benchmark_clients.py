"""Let many clients ask one `mtaudit serve` at once, and see whether all are served.

    python scripts/benchmark_clients.py [--clients 50] [--seconds 60] [--words 40] [OPTIONS]

Each client has an address of its own (127.0.0.2 and up). The first is greedy: it sends eight
requests at a time, the others one. A request is `POST /api/audit` with a text of invented news that
nobody sent before; a client that is told 429 waits as long as Retry-After says. OPTIONS go to
`mtaudit serve`. Prints answers by status, errors, Jain's index of fairness over what the clients
got in the time (Jain, Chiu and Hawe 1984: 1 if all got the same), and the memory of the server.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx
from invented_news import invented
from served_alone import served

GREED = 8
"""Requests that the greedy client has open at once."""


@dataclass
class Seen:
    """What the clients met."""

    statuses: Counter[int] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    served: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


def main() -> int:
    """Parse the command line, let the clients ask, print what they met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--words", type=int, default=40)
    given, options = parser.parse_known_args()
    with served(options) as (url, process):
        before = memory(process)
        seen, peak = asyncio.run(ask(url, process, given.clients, given.seconds, given.words))
        print(f"server: {before:,.0f} MB before, {peak:,.0f} MB at the most")
    print(f"answers: {dict(sorted(seen.statuses.items()))}; errors: {dict(seen.errors)}")
    print(f"seconds of an answer: median {median(seen.seconds):.1f}, most {max(seen.seconds):.1f}")
    others = [seen.served[n] for n in range(1, given.clients)]
    print(f"answers to the greedy client {seen.served[0]}, to the others {Counter(others)}")
    shares = [seen.served[0], *others]
    print(f"fairness {sum(shares) ** 2 / len(shares) / sum(n * n for n in shares):.3f}")
    return 1 if seen.errors or any(s >= 500 for s in seen.statuses) else 0


def memory(process: int) -> float:
    """Resident memory, MB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def ask(
    url: str, process: int, clients: int, seconds: float, words: int
) -> tuple[Seen, float]:
    """Let the clients ask for so long; what they met, and the highest memory of the server."""
    seen, end = Seen(), time.monotonic() + seconds
    texts = texts_of(words)
    asking = [
        asyncio.create_task(client(url, number, end, texts, seen))
        for number in range(clients)
        for _ in range(GREED if number == 0 else 1)
    ]
    peak = memory(process)
    while not all(task.done() for task in asking):
        await asyncio.sleep(0.5)
        peak = max(peak, memory(process))
    await asyncio.gather(*asking)
    return seen, peak


def texts_of(words: int) -> Iterator[str]:
    """Texts of about so many words, each another one."""
    story = 0
    while True:
        text = ""
        while len(text.split()) < words:
            text += next(invented([story], [0])).text + "\n"
            story += 1
        yield text


async def client(url: str, number: int, end: float, texts: Iterator[str], seen: Seen) -> None:
    """Ask until the time is over."""
    transport = httpx.AsyncHTTPTransport(local_address=f"127.0.0.{2 + number}")
    async with httpx.AsyncClient(transport=transport, base_url=url, timeout=300) as http:
        while time.monotonic() < end:
            story = {"id": "s", "versions": [{"id": "a", "text": next(texts)}]}
            began = time.monotonic()
            try:
                answer = await http.post("/api/audit", json=story)
            except httpx.HTTPError as e:
                seen.errors[type(e).__name__] += 1
                continue
            seen.statuses[answer.status_code] += 1
            if answer.status_code == 200:
                seen.served[number] += time.monotonic() < end
                seen.seconds.append(time.monotonic() - began)
            elif answer.status_code == 429:
                await asyncio.sleep(float(answer.headers["retry-after"]))


if __name__ == "__main__":
    raise SystemExit(main())
