"""Which address gives which file: every address of the application gives its one page."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from crossdock.platform.server.pages.built import BuiltFile, read_built
from crossdock.platform.server.problems import RefusedError

_SCREENS = (
    "/", "/sign-in", "/tower", "/parcel", "/parcel/{rest:path}", "/board", "/board/{rest:path}",
    "/plan", "/plan/{rest:path}", "/report", "/report/{rest:path}", "/fleet",
)  # fmt: skip
_FOREVER = "public, max-age=31536000, immutable"
_INDEX = "index.html"


def install_pages(app: FastAPI) -> None:
    """Serve the pages. Call it after the API's routers: an address of theirs stays theirs."""
    built = read_built()

    async def show_screen(request: Request) -> Response:
        if _INDEX not in built:
            return HTMLResponse(
                _NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE, headers={"Cache-Control": "no-store"}
            )
        return _answer(request, built[_INDEX], "no-store")

    async def give_asset(request: Request) -> Response:
        name = f"assets/{request.path_params['name']}"
        if name not in built:
            # A page that was opened before an update asks for files that are gone.
            raise RefusedError(HTTPStatus.NOT_FOUND, "there is no such file; load the page anew")
        return _answer(request, built[name], _FOREVER)

    for path in _SCREENS:
        app.add_route(path, show_screen, include_in_schema=False)
    app.add_route("/assets/{name:path}", give_asset, include_in_schema=False)


def _answer(request: Request, file: BuiltFile, kept: str) -> Response:
    encoding = file.best_for(request.headers.get("accept-encoding", ""))
    etag = f'"{file.etag}-{encoding}"'
    headers = {"Cache-Control": kept, "ETag": etag, "Vary": "Accept-Encoding"}
    known = [each.strip() for each in request.headers.get("if-none-match", "").split(",")]
    if etag in known or f"W/{etag}" in known:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if encoding != "identity":
        headers["Content-Encoding"] = encoding
    return Response(file.encoded[encoding], media_type=file.media_type, headers=headers)


_NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Crossdock</title>
<main>
<h1>The pages are not built</h1>
<p>The server and its API work; this checkout has no pages yet.</p>
<p>Build them and start the server again:</p>
<pre>make web</pre>
<p>or, without make: <code>.venv/bin/python scripts/build_web.py</code></p>
<p>The API is described in <a href="/openapi.json">/openapi.json</a>.</p>
</main>
</html>
"""
