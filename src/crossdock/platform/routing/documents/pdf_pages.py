"""Pages of text as a PDF, by ReportLab: headings, paragraphs, boxes to tick that stay together.

Names are written in the letters that they have. What Helvetica lacks is taken from Vera, which is
embedded, and from the Asian fonts of PDF readers (ISO 32000-1, 9.7.5.2), which are not: Chinese,
Japanese, Korean, Greek and Cyrillic need no font file here.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from functools import cache, partial
from itertools import groupby
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
)

_MARGIN, _HEAD, _FOOT = 50.0, 48.0, 44.0
_PLAIN = ParagraphStyle("plain", fontName="Helvetica", fontSize=10, leading=14)
_BOLD = ParagraphStyle("bold", _PLAIN, fontName="Helvetica-Bold")
_HEADING = ParagraphStyle("heading", _BOLD, fontSize=16, leading=20)
_INDENT = 18.0
_VERA = {"Helvetica": "Vera", "Helvetica-Bold": "VeraBd"}
_ASIAN = {
    "STSong-Light": "gbk",
    "HeiseiMin-W3": "shift_jis",
    "HYSMyeongJo-Medium": "euc_kr",
    "MSung-Light": "big5",
}
"""Fonts of readers, and the character sets that they are known to have."""
_BARE = {"Đ": "D", "đ": "d", "ẞ": "SS", "Ħ": "H", "ħ": "h"}
"""Letters that are no other letter with a mark (Unicode has no decomposition of them)."""
_MOST, _MOST_HEADING = 1_000, 120
"""Characters of a paragraph, of a heading: more than that is no name and no note."""


class Pdf:
    """A document in the making; the same pages are the same bytes."""

    def __init__(self) -> None:
        self._story: list[Flowable] = []
        self._headings: list[tuple[str, str]] = []

    def begin(self, title: str, below: str) -> None:
        """A new page with a heading; pages that follow repeat it."""
        self._story.append(NextPageTemplate(str(len(self._headings))))
        if self._headings:
            self._story.append(PageBreak())
        self._headings.append((title, below))
        self._story.append(Spacer(0, 0))

    def line(self, text: str, *, bold: bool = False) -> None:
        """A paragraph."""
        self._story.append(_paragraph(text, _BOLD if bold else _PLAIN))

    def block(self, title: str, lines: Sequence[str]) -> None:
        """A box to tick with a title in bold and lines below it, kept on one page."""
        parts: list[Flowable] = [_Ticked(_marked(title, _BOLD), _indented(_BOLD))]
        parts += [_paragraph(each, _indented(_PLAIN)) for each in lines]
        self._story.append(KeepTogether(parts))
        self.gap()

    def gap(self) -> None:
        """Half a line."""
        self._story.append(Spacer(1, _PLAIN.leading / 2))

    def content(self) -> bytes:
        """The file."""
        _register()
        out = io.BytesIO()
        width, height = A4
        frame = (_MARGIN, _FOOT, width - 2 * _MARGIN, height - _MARGIN - _HEAD - _FOOT)
        templates = [
            PageTemplate(
                str(at),
                [Frame(*frame, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)],
                onPage=partial(_head, heading),
            )
            for at, heading in enumerate(self._headings)
        ]
        title = self._headings[0][1] if self._headings else ""
        pages = BaseDocTemplate(
            out, pagesize=A4, pageTemplates=templates, title=title, invariant=1, pageCompression=0
        )
        pages.build(self._story, canvasmaker=_Numbered)
        return out.getvalue()


class _Ticked(Paragraph):
    """A paragraph with a box before its first line."""

    def draw(self) -> None:
        self.canv.rect(0, self.height - 10, 9, 9)
        super().draw()


class _Numbered(Canvas):
    """Pages with their number and that of all: they are written when the last is known."""

    def __init__(self, *given: object, **more: object) -> None:
        super().__init__(*given, **more)
        self._done: list[dict[str, object]] = []

    def showPage(self) -> None:  # noqa: N802  # ReportLab's name
        self._done.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for at, page in enumerate(self._done, start=1):
            self.__dict__.update(page)
            self.setFont("Helvetica", 8)
            self.drawString(_MARGIN, 28, f"{at} / {len(self._done)}")
            super().showPage()
        super().save()


def _head(heading: tuple[str, str], canvas: Canvas, _: BaseDocTemplate) -> None:
    """The heading of a page: one line each, cut where it is too long."""
    width, height = A4
    y = height - _MARGIN
    for text, style in zip(heading, (_HEADING, _PLAIN), strict=True):
        shown = text[:_MOST_HEADING]
        while (head := _paragraph(shown, style)).wrap(width - 2 * _MARGIN, height)[1] > (
            style.leading
        ):
            shown = shown[:-2]
        head.drawOn(canvas, _MARGIN, y - style.leading)
        y -= style.leading


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(_marked(text, style), style)


@cache
def _register() -> None:
    for name in _VERA.values():
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    for name in _ASIAN:
        pdfmetrics.registerFont(UnicodeCIDFont(name))


def _indented(style: ParagraphStyle) -> ParagraphStyle:
    return ParagraphStyle(f"{style.name} indented", style, leftIndent=_INDENT)


def _marked(text: str, style: ParagraphStyle) -> str:
    """A text as ReportLab reads it, each run of letters in a font that has them."""
    _register()
    shown = " ".join(unicodedata.normalize("NFC", text[:_MOST]).split())
    japanese = any("\u3040" <= each <= "\u30ff" for each in shown)
    asian = sorted(_ASIAN, key=lambda font: font != "HeiseiMin-W3") if japanese else list(_ASIAN)
    own = style.fontName
    placed = (each for character in shown for each in _fonts(character, own, asian))
    runs = groupby(placed, key=lambda each: each[0])
    told = ((font, escape("".join(each for _, each in run))) for font, run in runs)
    return "".join(
        run if font == own else f'<font name="{font}">{run}</font>' for font, run in told
    )


def _fonts(character: str, own: str, asian: Sequence[str]) -> list[tuple[str, str]]:
    """What is written of a character, in which font; of one that none has, its bare letter."""
    if not character.isprintable():
        return [(own, " ")]
    if character.encode("cp1252", "ignore"):
        return [(own, character)]
    if pdfmetrics.getFont(_VERA[own]).face.charToGlyph.get(ord(character)):
        return [(_VERA[own], character)]
    for font in asian:
        if character.encode(_ASIAN[font], "ignore"):
            return [(font, character)]
    parts = unicodedata.normalize("NFKD", _BARE.get(character, character))
    bare = [each for each in parts if not unicodedata.combining(each)]
    if bare == [character] or not bare:
        return [(own, "?")]
    return [found for each in bare for found in _fonts(each, own, asian)]
