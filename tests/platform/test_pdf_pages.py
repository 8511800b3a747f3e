"""Manifests as PDF: any name can be written, stops stay on a page, bytes are the same."""

from __future__ import annotations

import re

import pytest

from crossdock.platform.routing.documents.pdf_pages import Pdf


def pages_of(content: bytes) -> list[bytes]:
    """What is drawn on each page."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL)
    return [each for each in streams if b" Tf" in each]


def written(*names: str) -> bytes:
    pdf = Pdf()
    pdf.begin("VAN-1", "Monday")
    for name in names:
        pdf.block(name, [f"to {name}"])
    return pdf.content()


def test_the_same_pages_are_the_same_bytes() -> None:
    names = ("Zoë & <Söhne>", "王小明", "Łukasz Đặng", "Ελένη Иван 김철수 たなか", "😀 שלום")
    assert written(*names) == written(*names)


def texts_of(content: bytes) -> list[bytes]:
    """Strings that are drawn, without what PDF escapes."""

    def plain(found: re.Match[bytes]) -> bytes:
        told = found[1]
        return bytes([int(told, 8)]) if told.isdigit() else _ESCAPES.get(told, told)

    drawn = re.findall(rb"\(((?:\\.|[^\\()])*)\) Tj", content, re.DOTALL)
    return [re.sub(rb"\\([0-7]{3}|.)", plain, each, flags=re.DOTALL) for each in drawn]


_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@pytest.mark.parametrize(
    ("name", "font", "drawn"),
    [
        ("Zoë", b"/Helvetica", "Zoë".encode("cp1252")),
        ("A & B <c> (d)", b"/Helvetica", b"A & B <c> (d)"),
        ("王小明", b"/STSong-Light", "王小明".encode("utf-16-be")),
        ("たなか漢", b"/HeiseiMin-W3", "たなか漢".encode("utf-16-be")),
        ("김철수", b"/HYSMyeongJo-Medium", "김철수".encode("utf-16-be")),
        ("Иван", b"/STSong-Light", "Иван".encode("utf-16-be")),
        ("Ελένη", b"/STSong-Light", "Ελ".encode("utf-16-be")),
        ("Łukasz", b"BitstreamVera", b"ukasz"),
        ("Đ", b"/Helvetica", b"D"),
        ("ế", b"/Helvetica", b"e"),
        ("😀", b"/Helvetica", b"?"),
        ("a\nb\x07c", b"/Helvetica", b"a b c"),
    ],
)
def test_names_are_in_their_own_letters(name: str, font: bytes, drawn: bytes) -> None:
    content = written(name)
    assert font in content
    assert drawn in b"".join(texts_of(content))


def test_a_stop_stays_on_one_page_and_every_page_has_the_heading_and_its_number() -> None:
    pdf = Pdf()
    pdf.begin("VAN-1", "Monday")
    for at in range(30):
        pdf.block(f"{at}. stop", [f"line {at}", f"last of {at}"])
    pdf.begin("VAN-2", "Monday")
    pdf.line("meal: 12:00 to 12:30", bold=True)
    pages = pages_of(pdf.content())
    count = len(pages)
    assert count >= 3
    for number, page in enumerate(pages, start=1):
        assert (b"VAN-2" if number == count else b"VAN-1") in page
        assert f"({number} / {count})".encode() in page
    for at in range(30):
        (found,) = [page for page in pages if f"({at}. stop)".encode() in page]
        assert f"(last of {at})".encode() in found
    assert sum(page.count(b" re ") for page in pages) == 30  # boxes to tick


def test_what_is_longer_than_a_page_goes_on_over_several() -> None:
    pdf = Pdf()
    pdf.begin("王" * 500, "x" * 500)
    pdf.block("長" * 2_000, ["y" * 900] * 60)
    assert len(pages_of(pdf.content())) >= 2


def test_a_document_without_pages_is_one_all_the_same() -> None:
    pdf = Pdf()
    pdf.begin("No routes", "Monday")
    assert len(pages_of(pdf.content())) == 1
