"""Draw the worked examples of docs/hos.md: logs with the hours that each clock leaves.

``python scripts/make_hos_pictures.py`` writes ``docs/images/hos-*.svg``: the ``split`` case of
``docs/examples/duty_logs.json``, and the plan of 16 hours of driving. Every figure is what the
engine says; tests/test_docs.py holds the pictures to that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from crossdock.comply.hos import Clocks, Timeline, Violation, audit, clocks
from crossdock.comply.hos.planning import PlanStop, plan

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
HOUR = 3_600
_WIDTH, _LEFT, _RIGHT = 1_000, 110, 30
_LINE_PX, _HOURS_PX = 30, 19
_PAPER, _INK, _PALE, _RULE, _BAD = "#ffffff", "#14213d", "#5c677d", "#d5dae1", "#a4161a"
_LINES = ("OFF", "SB", "D", "ON")
_NAMES = {"OFF": "Off duty", "SB": "Sleeper", "D": "Driving", "ON": "On duty"}
_CLOCKS: tuple[tuple[str, Callable[[Clocks], int | None], str, str], ...] = (
    ("14 h window", lambda each: each.window_s, "#8a5a00", "7 4"),
    ("if the split is completed", lambda each: each.if_split and each.if_split.window_s,
     "#c98a1b", "2 3"),
    ("11 h of driving", lambda each: each.driving_s, "#0b6e5f", ""),
    ("8 h to a pause", lambda each: each.until_break_s, "#3a5ba9", "1 4"),
)  # fmt: skip
_PAUSE_S = 1_800
_STEP_S = 300


def main() -> None:
    """Write the pictures."""
    for name, text in pictures().items():
        (IMAGES / name).write_text(text, encoding="utf-8")
        print(f"docs/images/{name}")


def pictures() -> dict[str, str]:
    """Each picture by its name."""
    cases = json.loads((ROOT / "docs/examples/duty_logs.json").read_text(encoding="utf-8"))["cases"]
    split = _log_of(next(each for each in cases if each["id"] == "split"))
    found = plan([PlanStop(16 * HOUR, 0)])
    start_s = int(datetime(2026, 3, 2, 6, tzinfo=ZoneInfo("America/Chicago")).timestamp())
    soonest = Timeline.of(found.duty_log(start_s=start_s), timezone="America/Chicago")
    return {
        "hos-split.svg": _picture(split, "A split: what each clock leaves"),
        "hos-plan.svg": _picture(soonest, "16 hours of driving, done at the earliest"),
    }


def _log_of(case: dict) -> Timeline:
    zone = ZoneInfo(case["timezone"])

    def at_s(text: str) -> int:
        return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())

    segments = [(e["status"], at_s(e["start"]), at_s(e["end"])) for e in case["segments"]]
    return Timeline.of(segments, timezone=case["timezone"])


def _picture(log: Timeline, title: str) -> str:
    """The log on four lines, below it the hours that each clock leaves."""
    grid_px, head_px = len(_LINES) * _LINE_PX, 60
    foot_px = head_px + grid_px + 34
    height = foot_px + 14 * _HOURS_PX + 40
    broken = audit(log)
    parts = [
        f'<text x="{_LEFT}" y="26" font-size="18" font-weight="600" fill="{_INK}">{title}</text>',
        *_hours(log, head_px, foot_px + 14 * _HOURS_PX),
        *_bad(log, broken, head_px, foot_px + 14 * _HOURS_PX),
        *_lines(log, head_px),
        *_scale(foot_px),
    ]
    told = _told(log)
    x, y = _LEFT, height - 12
    for said, left_of, colour, dashes in _CLOCKS:
        runs = _runs([(at_s, left_of(each)) for at_s, each in told])
        if not runs:
            continue
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        look = f'stroke="{colour}" stroke-width="2.5"{dashed}'
        steps = " ".join(_path(log, run, foot_px) for run in runs)
        parts.append(f'<path d="{steps}" fill="none" {look}/><path d="M{x},{y - 4} h30" {look}/>')
        parts.append(f'<text x="{x + 38}" y="{y}" font-size="13" fill="{_INK}">{said}</text>')
        x += 64 + 6.6 * len(said)
    if broken:
        parts.append(
            f'<rect x="{x}" y="{y - 11}" width="30" height="14" fill="{_BAD}" opacity="0.25"/>'
            f'<text x="{x + 38}" y="{y}" font-size="13" fill="{_INK}">against the law</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{title}" '
        f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        "font-family=\"system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif\">"
        f'<rect width="{_WIDTH}" height="{height}" fill="{_PAPER}"/>' + "".join(parts) + "</svg>\n"
    )


def _x(log: Timeline, at_s: int) -> str:
    wide = _WIDTH - _LEFT - _RIGHT
    return f"{_LEFT + (at_s - log.starts_s) / (log.ends_s - log.starts_s) * wide:.1f}"


def _hours(log: Timeline, top: int, bottom: int) -> Iterator[str]:
    """Every second hour of the home terminal."""
    at = datetime.fromtimestamp(log.starts_s, log.zone).replace(minute=0, second=0)
    while at.timestamp() <= log.ends_s:
        if at.hour % 2 == 0 and at.timestamp() >= log.starts_s:
            x = _x(log, int(at.timestamp()))
            yield f'<path d="M{x},{top} V{bottom}" stroke="{_RULE}"/>'
            yield (
                f'<text x="{x}" y="{top - 8}" font-size="12" fill="{_PALE}" '
                f'text-anchor="middle">{at:%H}</text>'
            )
        at += timedelta(hours=1)


def _lines(log: Timeline, top: int) -> Iterator[str]:
    for place, line in enumerate(_LINES):
        y = top + place * _LINE_PX
        yield f'<path d="M{_LEFT},{y} H{_WIDTH - _RIGHT}" stroke="{_RULE}"/>'
        yield (
            f'<text x="{_LEFT - 12}" y="{y + 20}" font-size="13" fill="{_INK}" '
            f'text-anchor="end">{_NAMES[line]}</text>'
        )
    steps = ""
    for activity, start_s, end_s in log.segments:
        y = top + _LINES.index(activity) * _LINE_PX + _LINE_PX // 2
        steps += f"{'V' if steps else f'M{_x(log, start_s)},'}{y} H{_x(log, end_s)} "
    yield f'<path d="{steps.strip()}" fill="none" stroke="{_INK}" stroke-width="3"/>'


def _scale(top: int) -> Iterator[str]:
    for hours in range(0, 15, 2):
        y = top + (14 - hours) * _HOURS_PX
        yield f'<path d="M{_LEFT},{y} H{_WIDTH - _RIGHT}" stroke="{_RULE}"/>'
        yield (
            f'<text x="{_LEFT - 12}" y="{y + 4}" font-size="12" fill="{_PALE}" '
            f'text-anchor="end">{hours} h left</text>'
        )


def _bad(log: Timeline, broken: Sequence[Violation], top: int, bottom: int) -> Iterator[str]:
    for each in broken:
        x, to = float(_x(log, each.start_s)), float(_x(log, each.end_s))
        yield (
            f'<rect x="{x}" y="{top}" width="{to - x:.1f}" height="{bottom - top}" '
            f'fill="{_BAD}" opacity="0.25"/>'
        )


def _told(log: Timeline) -> list[tuple[int, Clocks]]:
    """The clocks every five minutes, and on both sides of every instant at which one may jump."""
    ends = {each.end_s for each in log.segments}
    turns = {end_s + later_s for end_s in ends for later_s in (-1, 0, _PAUSE_S - 1, _PAUSE_S)}
    grid = range(log.starts_s, log.ends_s + 1, _STEP_S)
    instants = sorted({*grid, *(each for each in turns if each <= log.ends_s)})
    return [(at_s, clocks(log, at_s)) for at_s in instants]


def _runs(points: Sequence[tuple[int, int | None]]) -> list[list[tuple[int, int]]]:
    """The stretches of more than one point over which there is something to tell."""
    runs: list[list[tuple[int, int]]] = [[]]
    for at_s, left_s in points:
        if left_s is None:
            runs.append([])
        else:
            runs[-1].append((at_s, left_s))
    return [run for run in runs if len(run) > 1]


def _path(log: Timeline, told: Sequence[tuple[int, int]], top: int) -> str:
    """A line through what is left, with the points that bend it alone."""
    kept = [told[0]]
    for (before, here), (_, after) in pairwise(pairwise(told)):
        fall = (here[1] - before[1]) * (after[0] - here[0])
        if fall != (after[1] - here[1]) * (here[0] - before[0]):
            kept.append(here)
    kept.append(told[-1])
    return "M" + " L".join(
        f"{_x(log, at_s)},{top + (14 - left_s / HOUR) * _HOURS_PX:.1f}" for at_s, left_s in kept
    )


if __name__ == "__main__":
    main()
