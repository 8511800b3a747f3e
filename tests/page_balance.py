"""Reads a page as a browser would, far enough to see tags left open and links that lead nowhere."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "input", "br", "link", "hr", "img", "col"}


class Balance(HTMLParser):
    """Collects tags left open, ids and the targets that refer to them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if named.get("id"):
            self.ids.append(named["id"] or "")
        if named.get("aria-labelledby"):
            self.targets.append(named["aria-labelledby"] or "")
        if (named.get("href") or "").startswith("#"):
            self.targets.append((named["href"] or "")[1:])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if dict(attrs).get("id"):
            self.ids.append(dict(attrs)["id"] or "")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)
