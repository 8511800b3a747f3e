"""Pages of text as a PDF (ISO 32000-1), with the fonts that every reader has.

Enough for a list that is printed: a heading, lines that are broken at the margin, boxes to tick.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence

_WIDTH, _HEIGHT, _MARGIN = 595, 842, 50  # A4, in points
_SIZE, _LEADING = 10, 14
_CHARACTERS = 92
"""Of a line: Helvetica's letters are half as wide as high, on average."""


class Pdf:
    """A document in the making."""

    def __init__(self) -> None:
        self._pages: list[list[str]] = []
        self._y = 0.0
        self._title = ("", "")

    def begin(self, title: str, below: str) -> None:
        """A new page with a heading; pages that follow repeat it."""
        self._title = (title, below)
        self._new_page()

    def line(self, text: str, *, bold: bool = False) -> None:
        """A paragraph."""
        for each in _broken(text):
            self._room(1)
            self._text(_MARGIN, each, "F2" if bold else "F1", _SIZE)

    def block(self, title: str, lines: Sequence[str]) -> None:
        """A box to tick with a title in bold and lines below it, kept on one page."""
        titles = _broken(title, _CHARACTERS - 8)
        below = [part for each in lines for part in _broken(each, _CHARACTERS - 6)]
        self._room(min(len(titles) + len(below), 40))
        self._pages[-1].append(f"{_MARGIN} {self._y - 1:.0f} 9 9 re S")
        for each in titles:
            self._room(1)
            self._text(_MARGIN + 18, each, "F2", _SIZE)
        for each in below:
            self._room(1)
            self._text(_MARGIN + 18, each, "F1", _SIZE)
        self.gap()

    def gap(self) -> None:
        """Half a line."""
        self._y -= _LEADING / 2

    def content(self) -> bytes:
        """The file."""
        count = len(self._pages)
        fonts = "/Font << /F1 3 0 R /F2 4 0 R >>"
        kids = " ".join(f"{5 + 2 * at} 0 R" for at in range(count))
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
            _font("Helvetica"),
            _font("Helvetica-Bold"),
        ]
        for at, page in enumerate(self._pages):
            foot = _text_at(_MARGIN, 30, f"{at + 1} / {count}", "F1", 8)
            stream = "\n".join([*page, foot]).encode("cp1252", "replace")
            objects.append(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_WIDTH} {_HEIGHT}] "
                f"/Resources << {fonts} >> /Contents {6 + 2 * at} 0 R >>".encode()
            )
            objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        return _file(objects)

    def _new_page(self) -> None:
        self._pages.append([])
        self._y = _HEIGHT - _MARGIN - 6
        title, below = self._title
        self._text(_MARGIN, _plain(title)[:60], "F2", 16)
        self._y -= 4
        self._text(_MARGIN, _plain(below)[:_CHARACTERS], "F1", _SIZE)
        self.gap()

    def _room(self, lines: int) -> None:
        if self._y - lines * _LEADING < _MARGIN:
            self._new_page()

    def _text(self, x: float, text: str, font: str, size: int) -> None:
        self._pages[-1].append(_text_at(x, self._y, text, font, size))
        self._y -= _LEADING


def _text_at(x: float, y: float, text: str, font: str, size: int) -> str:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{font} {size} Tf {x:.0f} {y:.0f} Td ({escaped}) Tj ET"


def _broken(text: str, width: int = _CHARACTERS) -> list[str]:
    return textwrap.wrap(_plain(text), width) or [""]


def _plain(text: str) -> str:
    """What Windows' Latin alphabet can say of a text, without control characters."""
    found: list[str] = []
    for each in text:
        if each.encode("cp1252", "ignore"):
            found.append(each if each.isprintable() else " ")
        else:
            bare = unicodedata.normalize("NFKD", each).encode("ascii", "ignore").decode()
            found.append(bare or "?")
    return "".join(found)


def _font(name: str) -> bytes:
    return (
        f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()
    )


def _file(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places: list[int] = []
    for number, each in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        out += b"%010d 00000 n \n" % place
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, start,
    )  # fmt: skip
    return bytes(out)
