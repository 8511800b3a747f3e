"""Shapes and texts of a drawing, escaped, with nothing that a content policy forbids."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

PAPER, INK, PALE, RULE, WARNING = "#ffffff", "#14213d", "#5c677d", "#b8c0cc", "#a4161a"
"""Colours of the ground, of text and lines, of what is beside the point, of rules, of a lack."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WIDTH_OF_LETTER = 0.6
"""Of the font size, on average."""


class Drawing:
    """An SVG picture that says in words what it shows."""

    def __init__(self, name: str, width: float, title: str, description: str) -> None:
        self.name = name
        self.width = width
        self.root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "role": "img",
                "aria-labelledby": f"{name}-title {name}-desc",
                "font-family": "system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif",
            },
        )
        self._child("title", {"id": f"{name}-title"}).text = shown(title)
        self._child("desc", {"id": f"{name}-desc"}).text = shown(description)
        self._paper = self._child("rect", {"width": _n(width), "fill": PAPER})

    def rect(self, x: float, y: float, width: float, height: float, **paint: object) -> None:
        """A rectangle."""
        box = {"x": _n(x), "y": _n(y), "width": _n(width), "height": _n(height)}
        self._child("rect", box | _painted(paint))

    def path(self, steps: str, **paint: object) -> None:
        """A path."""
        self._child("path", {"d": steps} | _painted(paint))

    def circle(self, x: float, y: float, radius: float, **paint: object) -> None:
        """A circle."""
        self._child("circle", {"cx": _n(x), "cy": _n(y), "r": _n(radius)} | _painted(paint))

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 13,
        room: float = 0,
        **paint: object,
    ) -> None:
        """A text; with ``room`` it is cut to that width, and told whole on hover."""
        kept = fitted(words, room, size) if room else words
        place = {"x": _n(x), "y": _n(y), "font-size": _n(size)}
        element = self._child("text", place | _painted(paint))
        element.text = shown(kept)
        if kept != words:
            ET.SubElement(element, "title").text = shown(words)

    def hatch(self, name: str, colour: str) -> str:
        """A hatching to fill with."""
        key = f"{self.name}-{name}"
        box = {"id": key, "width": "8", "height": "8", "patternUnits": "userSpaceOnUse"}
        pattern = ET.SubElement(ET.SubElement(self.root, "defs"), "pattern", box)
        stroke = {"d": "M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4", "stroke": colour, "stroke-width": "1"}
        ET.SubElement(pattern, "path", stroke)
        return f"url(#{key})"

    def done(self, height: float) -> str:
        """The picture as text."""
        self.root.set("viewBox", f"0 0 {_n(self.width)} {_n(height)}")
        self.root.set("width", _n(self.width))
        self.root.set("height", _n(height))
        self._paper.set("height", _n(height))
        return ET.tostring(self.root, encoding="unicode") + "\n"

    def _child(self, tag: str, attributes: dict[str, str]) -> ET.Element:
        return ET.SubElement(self.root, tag, attributes)


def shown(words: str) -> str:
    """The words without characters that no XML file may hold."""
    return _NOT_XML.sub("\ufffd", words)


def fitted(words: str, room: float, size: float) -> str:
    """As much of the words as fits."""
    most = max(1, int(room / (size * _WIDTH_OF_LETTER)))
    return words if len(words) <= most else words[: most - 1].rstrip() + "\u2026"


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _painted(paint: dict[str, object]) -> dict[str, str]:
    return {name.replace("_", "-"): str(value) for name, value in paint.items()}
