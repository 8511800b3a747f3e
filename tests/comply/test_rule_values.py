"""Numbers of rules are dated, cited, and say with what they were compared."""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil

from crossdock import comply
from crossdock.comply.rule_value import RuleValue
from crossdock.comply.weight import WeightLimits


def values_in(content: object) -> list[RuleValue]:
    if isinstance(content, RuleValue):
        return [content]
    if isinstance(content, dict):
        return [value for inner in content.values() for value in values_in(inner)]
    if isinstance(content, WeightLimits):
        return [value for inner in vars(content).values() for value in values_in(inner)]
    return []


VALUES = [
    value
    for found in pkgutil.walk_packages(comply.__path__, "crossdock.comply.")
    if not found.name.startswith("crossdock.comply.hos")
    for content in vars(importlib.import_module(found.name)).values()
    for value in values_in(content)
]


def test_every_number_has_a_unit_a_citation_and_a_day():
    assert len(VALUES) > 60
    for value in VALUES:
        assert value.unit
        assert any(source in value.citation for source in ("CFR", "U.S.C.", "NIOSH", "BLS"))
        assert value.effective_from <= (value.effective_to or dt.date.max)


def test_a_number_holds_from_its_first_to_its_last_day():
    old = RuleValue(8, "h", "49 CFR 395.3", dt.date(2003, 1, 4), dt.date(2020, 9, 28))
    new = RuleValue(10, "h", "49 CFR 395.3", dt.date(2020, 9, 29))
    assert [old.holds_on(dt.date(2020, 9, day)) for day in (28, 29)] == [True, False]
    assert [new.holds_on(dt.date(2020, 9, day)) for day in (28, 29)] == [False, True]
    assert not old.holds_on(dt.date(2000, 1, 1))
