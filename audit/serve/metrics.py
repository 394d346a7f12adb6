"""What `/metrics` tells: requests, the queue, seconds by stage, findings."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from audit.model import AuditResult
from audit.serve.asgi import Application, Message, Receive, Scope, Send

_BUCKETS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)


class Metrics:
    """The counters of one server. `waiting` gives the length of the queue."""

    def __init__(self, waiting: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "mtaudit_requests", "Requests.", ["route", "status"], registry=self._registry
        )
        self._stages = Histogram(
            "mtaudit_stage_seconds",
            "Seconds of a stage for one story.",
            ["stage"],
            registry=self._registry,
            buckets=_BUCKETS,
        )
        self._findings = Counter(
            "mtaudit_findings", "Findings of full audits.", ["severity"], registry=self._registry
        )
        queue = Gauge("mtaudit_queue_length", "Audits that wait.", registry=self._registry)
        queue.set_function(waiting)

    def request(self, route: str, status: int) -> None:
        """Count a request."""
        self._requests.labels(route, str(status)).inc()

    def stage(self, name: str, seconds: float) -> None:
        """Count a stage of an audit."""
        self._stages.labels(name).observe(seconds)

    def found(self, result: AuditResult) -> None:
        """Count the findings of an audit."""
        for finding in result.findings:
            self._findings.labels(finding.severity).inc()

    def text(self) -> bytes:
        """All of it, in the text form of Prometheus."""
        return generate_latest(self._registry)


class Counted:
    """Counts the requests that an application answers."""

    def __init__(self, app: Application, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "none")
                self._metrics.request(route, message["status"])
            await send(message)

        await self._app(scope, receive, counting)
