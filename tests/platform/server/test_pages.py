"""The pages: every address of the application gives its page, every file comes with its type."""

from __future__ import annotations

import gzip
import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossdock.platform.clock import SystemClock
from crossdock.platform.server.pages import built, routes
from crossdock.platform.server.serving import create_app
from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.store.database import open_database
from served_api import Client

ROOT = Path(__file__).resolve().parents[3]
SCREENS = (
    "/",
    "/sign-in",
    "/tower",
    "/parcel",
    "/parcel/a/b",
    "/board/MEM",
    "/plan/P1",
    "/report",
    "/report/P1",
)


def write_pages(folder: Path) -> None:
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Crossdock</title>", encoding="utf-8")
    script = folder / "assets" / "index-1.js"
    script.write_text("let tower;", encoding="utf-8")
    script.with_name("index-1.js.gz").write_bytes(gzip.compress(script.read_bytes()))
    (folder / "assets" / "index-1.css").write_text("body {}", encoding="utf-8")


@pytest.fixture
def pages(tmp_path, monkeypatch) -> Path:
    """An empty folder in the place of the built pages."""
    monkeypatch.setattr(routes, "read_built", lambda: built.read_built(tmp_path / "static"))
    return tmp_path / "static"


@pytest.fixture
def visit(tmp_path) -> Iterator:
    with open_database(f"sqlite:///{tmp_path}/store.db") as store:

        def opened() -> Client:
            return Client(create_app(store, ServerSettings(), now=SystemClock().now))

        yield opened


@pytest.mark.parametrize("path", SCREENS)
def test_every_address_gives_the_page_which_nobody_keeps(visit, pages, path):
    write_pages(pages)
    answer = visit().get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    assert "<title>Crossdock</title>" in answer.text


def test_files_are_kept_for_good_and_come_compressed_to_who_takes_it(visit, pages):
    write_pages(pages)
    client = visit()
    packed = client.get("/assets/index-1.js", headers={"Accept-Encoding": "gzip, br;q=0"})
    plain = client.get("/assets/index-1.js", headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.text == plain.text == "let tower;"
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.headers["etag"] != plain.headers["etag"]
    for answer in (packed, plain):
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["vary"] == "Accept-Encoding"


def test_a_file_that_is_known_is_not_sent_again(visit, pages):
    write_pages(pages)
    client = visit()
    etag = client.get("/assets/index-1.css").headers["etag"]
    again = client.get("/assets/index-1.css", headers={"If-None-Match": f'"other", {etag}'})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["gone.js", "..%2findex.html", "..%2f..%2fbuilt.py", "a/b"])
def test_a_file_that_is_not_there_is_a_problem(visit, pages, name):
    write_pages(pages)
    answer = visit().get(f"/assets/{name}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_pages_that_are_not_built_say_how_to_build_them(visit, pages):
    answer = visit().get("/tower")
    assert answer.status_code == 503
    assert "make web" in answer.text


def test_pages_take_nothing_of_the_api(visit, pages):
    write_pages(pages)
    client = visit()
    assert client.get("/livez").json() == {"status": "ok", "reasons": []}
    assert client.get("/v1/tower").status_code == 401
    assert client.get("/nowhere").status_code == 404
    assert client.post("/tower").status_code == 405
    assert client.post("/tower").headers["content-type"] == "application/problem+json"


def test_the_types_of_the_pages_come_from_the_document_of_this_server():
    script = runpy.run_path(str(ROOT / "scripts" / "write_openapi.py"))
    assert script["DOCUMENT"].read_text(encoding="utf-8") == script["openapi_document"](), (
        "run scripts/write_openapi.py"
    )


@pytest.mark.skipif(not built.read_built(), reason="the pages are not built: make web")
class TestBuiltPages:
    def test_nothing_is_inline_so_that_the_policy_holds(self):
        page = built.read_built()["index.html"].encoded["identity"].decode()
        assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*\ssrc=)", page)

    def test_whatever_the_page_names_is_there(self):
        files = built.read_built()
        page = files["index.html"].encoded["identity"].decode()
        named = re.findall(r'(?:src|href)="/([^"]+)"', page)
        assert named
        assert set(named) <= set(files)

    def test_nothing_is_asked_of_elsewhere(self):
        page = built.read_built()["index.html"].encoded["identity"].decode()
        assert "http" not in re.sub(r"http-equiv", "", page)

    def test_the_first_screen_is_small(self):
        """All but what is loaded when another screen is opened."""
        app = (ROOT / "web" / "src" / "App.tsx").read_text(encoding="utf-8")
        later = tuple(f"assets/{name}-" for name in re.findall(r"^const (\w+) = lazy", app, re.M))
        assert "assets/Plan-" in later
        files = built.read_built()
        assert any(name.startswith(later) for name in files)
        gzipped = sum(
            len(file.encoded.get("gzip", file.encoded["identity"]))
            for name, file in files.items()
            if not name.startswith(later)
        )
        assert gzipped <= 250_000


def test_the_lock_of_the_packages_names_no_host():
    lock = (ROOT / "web" / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
