"""The parts of the page about the days, in the order in which a person reads them."""

from __future__ import annotations

from typing import Any

from crossdock.measure.report.lived.days import Days
from crossdock.measure.report.lived.ends import ends_content
from crossdock.measure.report.lived.forecast import forecast_content
from crossdock.measure.report.lived.headline import lived_cards, lived_verdict
from crossdock.measure.report.lived.late import late_content
from crossdock.measure.report.lived.loads import load_content
from crossdock.measure.report.lived.money import money_content
from crossdock.measure.report.lived.on_time import on_time_content
from crossdock.measure.report.lived.routes import route_content
from crossdock.measure.report.lived.timeline import timeline_content
from crossdock.measure.report.lived.trouble import trouble_content


def lived_content(days: Days) -> dict[str, Any]:
    """What the templates of ``partials/lived`` show."""
    late = late_content(days)
    money = money_content(days)
    return {
        "verdict": lived_verdict(days, late, money),
        "cards": lived_cards(days),
        "ends": ends_content(days),
        "on_time": on_time_content(days),
        "late": late,
        "hours": timeline_content(days),
        "money": money,
        "loads": load_content(days),
        "routes": route_content(days),
        "trouble": trouble_content(days),
        "forecast": forecast_content(days),
    }
