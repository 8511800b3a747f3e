"""The tower in a real browser: of two who act the second is told, and nothing strange runs.

Signing in, finding, owning and following what is worst: `test_walk`.
"""

from __future__ import annotations

import datetime as dt

import pytest

from crossdock.platform.bench import make_key
from crossdock.platform.client import TowerClient

HOSTILE = "PKG-<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module", autouse=True)
def scanned(server, tenant) -> None:
    now = dt.datetime.now(dt.UTC)
    kinds = (("PKG-1", "picked_up"), ("PKG-1", "attempt_failed"), (HOSTILE, "damaged"))
    with TowerClient(server.url, make_key(server.store_url, "ingest", tenant)) as scanner:
        scanner.send_events(
            [
                {
                    "source": "scanner", "source_event_id": str(number), "kind": kind,
                    "occurred_at": (now - dt.timedelta(minutes=30 - number)).isoformat(),
                    "parcel_id": parcel_id, "payload": {"reason": "<script>alert(1)</script>"},
                }
                for number, (parcel_id, kind) in enumerate(kinds)
            ]
        )  # fmt: skip


def test_of_two_who_act_the_second_is_told(visit):
    ann = visit("Ann", "/tower?kind=attempt_failed")
    ann.wait_for_selector(".virtual-row")
    ann.keyboard.press("j")
    ann.wait_for_selector(".detail")
    # Ann's page hears nothing from now on: she acts on what she saw.
    ann.route("**/v1/stream", lambda route: route.abort())
    ann.reload()
    ann.wait_for_selector(".detail .acts")
    ruiz = visit("Ruiz", ann.url[ann.url.index("/tower") :])
    ruiz.wait_for_selector(".detail h2:has-text('Attempt failed')")
    ruiz.keyboard.press("o")
    ruiz.wait_for_selector(".done li:has-text('Ruiz')")
    ann.keyboard.press("e")
    ann.wait_for_selector(".conflict:has-text('Ruiz')")
    assert "was not done" in ann.inner_text(".conflict")


def test_what_strangers_wrote_is_shown_and_never_run(visit):
    page = visit("Ann", "/tower?q=onerror")
    page.wait_for_selector(".virtual-row")
    page.keyboard.press("j")
    page.wait_for_selector(f".detail-subject:has-text('{HOSTILE}')")
    page.keyboard.press("/")
    page.keyboard.type("onerror")
    page.wait_for_selector(".choice:has-text('damaged')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".truth-id")
    assert page.inner_text(".truth-id") == HOSTILE
