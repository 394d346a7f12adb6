"""Ask many hosts at once, and each of them as a guest does.

One request at a time and a pause per host; robots.txt (RFC 9309, read by Protego) with its
crawl delay; Retry-After heeded; a failure of the moment tried again after a growing, random time
(exponential back-off with full jitter, AWS Architecture Blog 2015). All that decides happens in
one thread; other threads only wait for answers.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
import time
from collections.abc import Callable, Generator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx

from audit.config import Settings
from audit.errors import InputError
from audit.feeds.settings import host_of
from audit.feeds.state import Clock, Known
from audit.ingest.guard import Answer, Forbidden, Resolver, ask, check_address, proxy_of, resolve

if TYPE_CHECKING:
    from protego import Protego

__all__ = ["Crawl", "Limits", "Request", "Response"]

AGENT = "mtaudit"
"""Name by which robots.txt may speak of this program."""

ROBOTS_BYTES = 500 * 1024
"""So much of robots.txt is read at least (RFC 9309, 2.5); a longer one is as good as unreadable."""

LONGEST_PAUSE = 60.0
"""A longer crawl delay, in seconds, is cut to this."""

MOMENTARY = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that may be another one a little later."""

PERMANENT = frozenset({301, 308})

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a crawl; times in seconds.

    `patience` is the longest Retry-After that is waited for in this run; `back_off` is the longest
    wait before the second try, twice as long before each further one.
    """

    bytes: int = 10_000_000
    seconds: float = 30.0
    redirects: int = 5
    tries: int = 3
    patience: float = 120.0
    back_off: float = 4.0
    hosts: int = 16


@dataclass(frozen=True, slots=True)
class Request(Generic[K]):
    """One address to ask, with what is known of it; `key` is for who asks."""

    url: str
    key: K
    accept: str
    known: Known = field(default_factory=Known)
    pause: float = 2.0
    private_host: str = ""
    """Host that may be a private address."""


@dataclass(frozen=True, slots=True)
class Response:
    """What an address has. `answer` is None if it is what is known already.

    `url` is where the answer came from; `moved` is where the address moved to for good, if it did.
    """

    url: str
    answer: Answer | None
    known: Known
    moved: str | None = None


@dataclass
class _Job(Generic[K]):
    """A request on its way: where it has come to, and what to try again."""

    request: Request[K]
    at: str
    hops: int = 0
    tries: int = 0
    permanent: bool = True


@dataclass
class _Host(Generic[K]):
    """One host (scheme, name and port): who waits for it, and when it may be asked again."""

    origin: str
    ready: float = 0.0
    busy: bool = False
    robots: Protego | None = None
    asked_robots: bool = False
    refusal: str | None = None
    """Why it is asked nothing more in this run."""
    jobs: list[tuple[float, int, _Job[K]]] = field(default_factory=list)


class Crawl(Generic[K]):
    """Requests to many hosts. Not for use from several threads.

    `until` is when it ends, whatever it still waits for, by the clock's `monotonic`. `transport`,
    `resolver` and `jitter` are for tests.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        limits: Limits | None = None,
        *,
        until: float = math.inf,
        transport: httpx.BaseTransport | None = None,
        resolver: Resolver = resolve,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._limits = limits or Limits()
        self._until = until
        self._transport = transport
        self._resolver = resolver
        self._jitter = jitter
        self._hosts: dict[str, _Host[K]] = {}
        self._running: dict[Future[Answer], tuple[_Host[K], _Job[K], bool]] = {}
        """Whom a thread asks, for which job, and whether for robots.txt."""
        self._done: list[tuple[Request[K], Response | InputError]] = []
        self._order = itertools.count()

    def ask(self, request: Request[K]) -> None:
        """Add a request; its response comes out of `responses`."""
        if self._settings.offline:
            error = InputError(request.url, "not fetched: the setting `offline` is on")
            self._done.append((request, error))
        else:
            self._queue(_Job(request, request.known.moved or request.url))

    def answer(self, request: Request[K]) -> None:
        """Add a request that is answered already, by what is known of it; nothing is asked."""
        self._done.append((request, Response(request.url, None, request.known)))

    def responses(self) -> Generator[tuple[Request[K], Response | InputError], None, None]:
        """Each request with its response, or with why there is none, as they come.

        More may be asked meanwhile. Ends when nothing is left or the time is over; closing it asks
        nothing more.
        """
        pool = ThreadPoolExecutor(self._limits.hosts, thread_name_prefix="feeds")
        try:
            while self._clock.monotonic() < self._until:
                while self._done:
                    yield self._done.pop(0)
                self._start(pool)
                if self._done:
                    continue
                if not self._running and not any(h.jobs for h in self._hosts.values()):
                    return
                self._wait()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _queue(self, job: _Job[K], delay: float = 0.0) -> None:
        """Put a job at the end of its host's queue, not to be begun before `delay` is over."""
        try:
            parts = urlsplit(job.at)
            origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
        except ValueError as e:
            self._done.append((job.request, InputError(job.request.url, f"not an address: {e}")))
            return
        host = self._hosts.setdefault(origin, _Host(origin))
        if host.refusal:
            self._done.append((job.request, InputError(job.request.url, host.refusal)))
        else:
            begin = self._clock.monotonic() + delay
            heapq.heappush(host.jobs, (begin, next(self._order), job))

    def _start(self, pool: ThreadPoolExecutor) -> None:
        """Begin what may begin now."""
        now = self._clock.monotonic()
        for host in list(self._hosts.values()):
            while (
                host.jobs
                and not host.busy
                and len(self._running) < self._limits.hosts
                and max(host.ready, host.jobs[0][0]) <= now
            ):
                if not host.asked_robots:
                    self._send_robots(pool, host)
                    continue
                _, _, job = heapq.heappop(host.jobs)
                if host.robots and not host.robots.can_fetch(job.at, AGENT):
                    self._end(job, "its robots.txt asks not to fetch it")
                else:
                    self._send(pool, host, job)

    def _wait(self) -> None:
        """Wait for an answer, or until a host may be asked again."""
        now = self._clock.monotonic()
        idle = [h for h in self._hosts.values() if h.jobs and not h.busy]
        begins = [max(h.ready, h.jobs[0][0]) for h in idle] or [now + 1.0]
        next_time = min(*begins, self._until)
        if not self._running:
            self._clock.sleep(max(0.0, next_time - now))
            return
        full = len(self._running) >= self._limits.hosts
        seconds = 1.0 if full else min(1.0, max(0.01, next_time - now))
        done, _ = wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED)
        for future in done:
            host, job, for_robots = self._running.pop(future)
            host.busy = False
            if for_robots:
                self._read_robots(host, job, future)
            else:
                self._received(host, job, future)

    def _send_robots(self, pool: ThreadPoolExecutor, host: _Host[K]) -> None:
        host.asked_robots = host.busy = True
        _, _, job = heapq.heappop(host.jobs)
        robots = replace(job, at=f"{host.origin}/robots.txt", hops=0)
        future = pool.submit(self._exchange, robots, {"accept": "text/plain"}, ROBOTS_BYTES)
        self._running[future] = (host, job, True)

    def _send(self, pool: ThreadPoolExecutor, host: _Host[K], job: _Job[K]) -> None:
        host.busy = True
        known = job.request.known
        headers = {"accept": job.request.accept}
        if known.etag:
            headers["if-none-match"] = known.etag
        if known.last_modified:
            headers["if-modified-since"] = known.last_modified
        future = pool.submit(self._exchange, job, headers, self._limits.bytes)
        self._running[future] = (host, job, False)

    def _exchange(self, job: _Job[K], headers: dict[str, str], max_bytes: int) -> Answer:
        """One request, in a thread of its own; redirects of robots.txt are followed here."""
        deadline = time.monotonic() + self._limits.seconds
        url, at = job.request.url, job.at
        robots = max_bytes == ROBOTS_BYTES
        for _ in range(self._limits.redirects + 1):
            allowed = self._settings.allow_private or job.request.private_host == host_of(at)
            proxy = None if self._transport else proxy_of(at)
            address = check_address(
                url, at, self._resolver, allow_private=allowed, by_proxy=proxy is not None
            )
            answer = ask(
                url,
                address,
                {"user-agent": AGENT, **headers},
                max_bytes=max_bytes,
                deadline=deadline,
                transport=self._transport,
                proxy=proxy,
            )
            if not (robots and 300 <= answer.status < 400 and "location" in answer.headers):
                return answer
            at = urljoin(at, answer.headers["location"])
        return answer

    def _read_robots(self, host: _Host[K], job: _Job[K], future: Future[Answer]) -> None:
        """Heed robots.txt; one that fails forbids all, one that is not there nothing (RFC 9309).

        A job that must not ask this host, which others may, ends alone.
        """
        from protego import Protego

        why = ""
        heapq.heappush(host.jobs, (0.0, next(self._order), job))
        host.ready = self._clock.monotonic()
        try:
            answer = future.result()
            if answer.status == httpx.codes.OK:
                host.robots = Protego.parse(answer.content.decode(errors="replace"))
            elif answer.status >= 500 or answer.status == 429:
                why = f"its robots.txt cannot be had: the server answers {answer.status}"
        except Forbidden as e:
            heapq.heappop(host.jobs)
            host.asked_robots = False
            self._end(job, e.why)
        except (InputError, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as e:
            reason = e.why if isinstance(e, InputError) else str(e) or "no answer in time"
            why = f"its robots.txt cannot be had: {reason}"
        if why:
            self._refuse(host, why)

    def _received(self, host: _Host[K], job: _Job[K], future: Future[Answer]) -> None:
        host.ready = self._clock.monotonic() + self._pause(host, job.request.pause)
        job.tries += 1
        try:
            answer = future.result()
        except httpx.TimeoutException:
            self._again(job, f"took longer than {self._limits.seconds:g} seconds")
        except InputError as e:
            self._end(job, e.why)
        except httpx.TransportError as e:
            self._again(job, f"cannot be fetched: {e}")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as e:
            self._end(job, f"cannot be fetched: {e}")
        else:
            self._judge(host, job, answer)

    def _judge(self, host: _Host[K], job: _Job[K], answer: Answer) -> None:
        """What an answer means: an end, another address, or another try."""
        request, status = job.request, answer.status
        location = answer.headers.get("location")
        moved = job.at if job.hops and job.permanent else request.known.moved
        if status == httpx.codes.OK:
            known = Known(
                etag=answer.headers.get("etag"), last_modified=answer.headers.get("last-modified")
            )
            self._done.append((request, Response(job.at, answer, known, moved)))
        elif status == httpx.codes.NOT_MODIFIED:
            self._done.append((request, Response(job.at, None, request.known, moved)))
        elif 300 <= status < 400 and location:
            if job.hops == self._limits.redirects:
                self._end(job, f"more than {self._limits.redirects} redirects")
                return
            job.permanent = job.permanent and status in PERMANENT
            job.hops += 1
            job.tries = 0
            try:
                job.at = urljoin(job.at, location)
            except ValueError as e:
                self._end(job, f"redirects to what is not an address: {e}")
                return
            self._queue(job)
        elif status in MOMENTARY:
            later = _retry_after(answer.headers.get("retry-after"), self._clock.now())
            if later is not None and later > self._limits.patience:
                why = f"the server answers {status} and asks to come back in {later:,.0f} seconds"
                self._end(job, why)
                self._refuse(host, why)
            else:
                host.ready = max(host.ready, self._clock.monotonic() + (later or 0.0))
                self._again(job, f"the server answers {status}")
        else:
            self._end(job, f"the server answers {status}")

    def _again(self, job: _Job[K], why: str) -> None:
        """Try again a little later, or give up."""
        if job.tries >= self._limits.tries:
            self._end(job, f"{why}, {job.tries} times")
        else:
            longest = self._limits.back_off * 2 ** (job.tries - 1)
            self._queue(job, delay=longest * self._jitter())

    def _end(self, job: _Job[K], why: str) -> None:
        if job.at != job.request.url:
            why = f"{why} (at {job.at})"
        self._done.append((job.request, InputError(job.request.url, why)))

    def _refuse(self, host: _Host[K], why: str) -> None:
        """Ask a host nothing more in this run."""
        host.refusal = why
        for _, _, job in host.jobs:
            self._end(job, why)
        host.jobs.clear()

    def _pause(self, host: _Host[K], pause: float) -> float:
        delay = host.robots.crawl_delay(AGENT) if host.robots else None
        return max(pause, min(float(delay or 0.0), LONGEST_PAUSE))


def _retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a server asks to wait (RFC 9110, 10.2.3); None if it does not say."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(min(int(value.strip()[:9]), 10**8))
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    aware = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
