"""The page of the spot check, what it loads, and the way in with a token."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from audit.config import Settings
from audit.hosts import is_loopback
from audit.report.formats import FORMATS
from audit.serve.access import COOKIE
from audit.version import __version__

page_routes = APIRouter(include_in_schema=False)

STATIC = {
    "report.css": ("audit.report", "templates", "text/css"),
    "spot.css": ("audit.serve", "static", "text/css"),
    "spot.js": ("audit.serve", "static", "text/javascript"),
    "text.js": ("audit.serve", "static", "text/javascript"),
    "kept.js": ("audit.serve", "static", "text/javascript"),
    "ask.js": ("audit.serve", "static", "text/javascript"),
    "cards.js": ("audit.serve", "static", "text/javascript"),
}
"""Files that the page loads: the package and folder that each lies in, and its media type."""


@page_routes.get("/")
async def page(request: Request) -> Response:
    """The page."""
    state = request.app.state
    return _filled(
        "spot.html.j2",
        has_store=state.store is not None,
        sent_to=_sent_to(state.settings),
        forms=tuple(FORMATS),
        version=__version__,
    )


@page_routes.get("/login")
async def login_page() -> Response:
    """Where the token is typed."""
    return _filled("login.html.j2", wrong=False)


@page_routes.post("/login")
async def login(request: Request) -> Response:
    """Give the browser the cookie if the token is right."""
    access = request.app.state.access
    form = parse_qs((await request.body()).decode(errors="replace"))
    if not access.accepts(form.get("token", [""])[0]):
        return _filled("login.html.j2", 401, wrong=True)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        COOKIE,
        access.cookie,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@page_routes.get("/static/{name}")
async def static(name: str) -> Response:
    """A file that the page loads."""
    if name not in STATIC:
        raise HTTPException(404, "there is no such file")
    return Response(_text(name), media_type=STATIC[name][2])


def _sent_to(settings: Settings) -> list[str]:
    """The other machines that the settings let read texts."""
    urls = (settings.languagetool_url if settings.grammar else None, settings.judge_url)
    hosts = {urlsplit(url).hostname or url for url in urls if url}
    return sorted(host for host in hosts if not is_loopback(host))


def _filled(template: str, status: int = 200, **values: object) -> HTMLResponse:
    return HTMLResponse(_environment().get_template(template).render(values), status)


@cache
def _text(name: str) -> str:
    package, folder, _ = STATIC[name]
    return (files(package) / folder / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("audit.serve"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
