"""One written address, taken apart and put into the form of USPS Publication 28."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from crossdock.locate.address._fastaddress_package import labelled_tokens
from crossdock.locate.address.pub28 import (
    DIRECTIONS,
    PROVINCES,
    STATES,
    SUFFIXES,
    TERRITORIES,
    UNITS,
)


class ParsedAddress(NamedTuple):
    """What an address says, upper-case ASCII; "" where it says nothing.

    Attributes
    ----------
    line1
        Number, direction, street, suffix, without unit; or ``PO BOX 12``, ``RR 2 BOX 152``.
    line2
        Unit and building: ``APT 4B``.
    state
        Two letters where the word is known, else the word as it stands.
    zip
        ZIP or foreign postal code as written.
    kind
        street, box (the post office hands it over) or none (no street was found).
    country
        US, CA or MX.
    certain
        False where the parser saw the same part twice or the street had to be guessed.
    """

    line1: str
    line2: str
    city: str
    state: str
    zip: str
    kind: str
    country: str
    certain: bool


def parse_address(address: str) -> ParsedAddress:
    """Take a one-line address apart.

    Parameters
    ----------
    address
        The text as a merchant wrote it; line breaks and repeated blanks count as one blank.
    """
    text, country = _without_country(_plain(address))
    text, code = _without_code(text)
    text, state = _without_state(text)
    place = ", ".join(part for part in (text, f"{state} {code}".strip()) if part)
    delivery = _delivery(labelled_tokens(place), text)
    if not country:
        country = "CA" if _CANADIAN_CODE.fullmatch(code) or state in PROVINCES else "US"
    return ParsedAddress(
        delivery.line1,
        delivery.line2,
        delivery.city,
        state,
        code,
        delivery.kind,
        country,
        delivery.certain,
    )


def parse_columns(line1: str, line2: str, city: str, state: str, code: str) -> ParsedAddress:
    """Put an address that came in columns into standard form; its city, state and ZIP stay."""
    plain_city, plain_state = _plain(city), _plain(state)
    state_code = _state_code(plain_state)
    lines = ", ".join(part for part in (_plain(line1), _plain(line2)) if part)
    place = ", ".join(part for part in (lines, plain_city, f"{state_code} {code}".strip()) if part)
    delivery = _delivery(_street_tokens(labelled_tokens(place), plain_city), lines)
    foreign = _CANADIAN_CODE.fullmatch(_plain(code)) or state_code in PROVINCES
    return ParsedAddress(
        delivery.line1,
        delivery.line2,
        plain_city,
        state_code,
        _plain(code),
        delivery.kind,
        "CA" if foreign else "US",
        delivery.certain,
    )


class _Delivery(NamedTuple):
    line1: str
    line2: str
    city: str
    kind: str
    certain: bool


_CANADIAN_CODE = re.compile(r"[A-Z]\d[A-Z] ?\d[A-Z]\d")
_CODE_AT_END = re.compile(r"(?:^|[\s,])(\d{4,5}(?:-?\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d)$")
_COUNTRY_AT_END = re.compile(
    r"[\s,]+(?:(USA|U\.?S\.?A?\.?|UNITED STATES(?: OF AMERICA)?)|(CANADA)|((?<!NEW )MEXICO))$"
)
_COUNTRIES = ("US", "CA", "MX")
_BOX = re.compile(r"\b(?:P\.? ?O\.? ?BOX|POST OFFICE BOX|POB)\s*#? ?([\w-]+)")
_GENERAL_DELIVERY = re.compile(r"\bGENERAL DELIVERY\b")
_NUMBER_AND_STREET = re.compile(r"\d[\w/-]*\s+(?=[^,]*[A-Z]{2})[^,]+")
_USUAL_TYPES = ("ST", "AVE", "RD", "DR", "LN", "BLVD", "CT", "HWY", "PKWY", "TER", "CIR")
_KEPT = re.compile(r"[^A-Z0-9#&/ -]+")
_STATE_WORDS = 3
_STATE_NAMES = {**STATES, **TERRITORIES, **{code: code for code in TERRITORIES.values()}}
_NUMBER = ("AddressNumberPrefix", "AddressNumber", "AddressNumberSuffix")
_CITY = ("PlaceName",)
_STREET = (
    "StreetNamePreModifier",
    "StreetNamePreDirectional",
    "StreetNamePreType",
    "StreetName",
    "StreetNamePostType",
    "StreetNamePostDirectional",
    "StreetNamePostModifier",
)
_RURAL_BOX = ("USPSBoxGroupType", "USPSBoxGroupID", "USPSBoxType", "USPSBoxID")
_SECONDARY = (
    "SubaddressType",
    "SubaddressIdentifier",
    "BuildingName",
    "OccupancyType",
    "OccupancyIdentifier",
)
_CORNER = (
    "IntersectionSeparator",
    "SecondStreetNamePreDirectional",
    "SecondStreetName",
    "SecondStreetNamePostType",
)
_STANDARDS = {
    "StreetNamePreDirectional": DIRECTIONS,
    "StreetNamePostDirectional": DIRECTIONS,
    "StreetNamePostType": SUFFIXES,
    "SecondStreetNamePostType": SUFFIXES,
    "OccupancyType": UNITS,
    "SubaddressType": UNITS,
}


def _plain(text: str) -> str:
    """Upper-case ASCII with single blanks; accents are dropped with their letters kept."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(text.upper().split()).strip(" ,")


def _without_country(text: str) -> tuple[str, str]:
    found = _COUNTRY_AT_END.search(text)
    if found is None or found.lastindex is None:
        return text, ""
    return text[: found.start()].rstrip(" ,"), _COUNTRIES[found.lastindex - 1]


def _without_code(text: str) -> tuple[str, str]:
    found = _CODE_AT_END.search(text)
    if found is None:
        return text, ""
    return text[: found.start()].rstrip(" ,"), found[1]


def _without_state(text: str) -> tuple[str, str]:
    """Split the state off the end; an unknown two-letter word after a comma counts as one."""
    words = text.replace(",", " , ").split()
    for count in range(_STATE_WORDS, 0, -1):
        name = " ".join(words[-count:]).replace(".", "")
        if len(words) > count and name in _STATE_NAMES:
            return _cut_words(text, count), _STATE_NAMES[name]
    last = words[-1].replace(".", "") if words else ""
    follows_comma = len(words) > 1 and words[-2] == ","
    if last in PROVINCES or (follows_comma and len(last) == 2 and last.isalpha()):
        return _cut_words(text, 1), last
    return text, ""


def _cut_words(text: str, count: int) -> str:
    for _ in range(count):
        text = text.rstrip(" ,")
        text = text[: max(text.rfind(" "), text.rfind(",")) + 1]
    return text.rstrip(" ,")


def _state_code(state: str) -> str:
    name = state.replace(".", "")
    return _STATE_NAMES.get(name, name)


def _street_tokens(tokens: list[tuple[str, str]], city: str) -> list[tuple[str, str]]:
    """Tokens with street words that the parser took for the city given back to the street.

    The city is known from its own column, so a place name that does not occur there is part of the
    street: ``100 BROADWAY NEW YORK`` in column ``line1``.
    """
    city_words = set(city.replace(",", " ").split())
    return [
        (token, "StreetName")
        if label == "PlaceName" and token.strip(" ,.") not in city_words
        else (token, label)
        for token, label in tokens
    ]


def _delivery(tokens: list[tuple[str, str]], text: str) -> _Delivery:
    parts = _parts(tokens)
    city, unit = parts.text(_CITY), parts.text(_SECONDARY)
    box = _BOX.search(text)
    if box is not None or _GENERAL_DELIVERY.search(text):
        return _Delivery(f"PO BOX {box[1]}" if box else "GENERAL DELIVERY", "", city, "box", True)
    if parts.has(_RURAL_BOX[:1]):  # rural route or highway contract: the box stands at the road
        return _Delivery(parts.text(_RURAL_BOX), unit, city, "street", not parts.repeated)
    if parts.has(_STREET):
        certain = parts.has(_NUMBER) and not parts.repeated
        return _Delivery(parts.text((*_NUMBER, *_STREET, *_CORNER)), unit, city, "street", certain)
    if guessed := _guessed_street(text):
        return _Delivery(guessed, "", city, "street", False)
    return _Delivery("", unit, city, "none", False)


def _guessed_street(text: str) -> str:
    """Street that the parser took for a place's name: a number before words, or words before ST."""
    numbered = _NUMBER_AND_STREET.search(text)
    if numbered is not None:
        return _KEPT.sub("", numbered[0])
    name, _, last = _KEPT.sub("", text.partition(",")[0]).rpartition(" ")
    street_type = SUFFIXES.get(last, "")
    return f"{name} {street_type}" if name and street_type in _USUAL_TYPES else ""


class _Parts(NamedTuple):
    """Standard words in their written order, the first run of each label only."""

    words: list[tuple[str, str]]
    repeated: bool

    def has(self, labels: tuple[str, ...]) -> bool:
        return any(label in labels for _, label in self.words)

    def text(self, labels: tuple[str, ...]) -> str:
        return " ".join(word for word, label in self.words if label in labels)


def _parts(tokens: list[tuple[str, str]]) -> _Parts:
    words: list[tuple[str, str]] = []
    seen: set[str] = set()
    repeated = False
    last = ""
    street_ended = False
    for token, written_label in tokens:
        # After the comma that ends the street, a direction belongs to the city: SOUTH LONDONDERRY.
        label = "PlaceName" if street_ended and written_label in _STREET else written_label
        street_ended = street_ended or (label in _STREET and token.endswith(","))
        if label != last and label in seen:
            repeated = True
            continue
        seen.add(label)
        last = label
        if word := _word(token, label):
            words.append((word, label))
    return _Parts(words, repeated)


def _word(token: str, label: str) -> str:
    word = _KEPT.sub("", token)
    return _STANDARDS[label].get(word, word) if label in _STANDARDS else word
