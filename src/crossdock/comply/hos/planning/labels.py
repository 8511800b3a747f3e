"""Labels of the planner: how a place can be reached, with the way there.

The same idea as in `crossdock.comply.hos.planning.route_labels`, with what that leaves out: the
way back to the start, open sleeper-berth splits, and the 60 or 70 hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from crossdock.comply.hos.planning.question import FAR_S

_MOST_SPLIT = 64


class Step(NamedTuple):
    """What leads to a label from the one before it.

    Attributes
    ----------
    kind
        ``begin``, ``drive``, ``pause``, ``service``, ``wait``, ``rest``, ``split``, ``relay``.
    stop
        The next stop, or the one that is served.
    length_s
        Least length; of ``wait``, the instant before which there is no going on.
    reason
        Why, where it is not obvious.
    """

    kind: str
    stop: int
    length_s: int = 0
    opens_s: int = 0
    reason: str = ""


class Label(NamedTuple):
    """A place on the route, reached in a tour that starts anywhere from earliest to latest.

    Attributes
    ----------
    earliest_s, latest_s
        Start of the tour, as the window counts it: rests of a split that are taken out of the
        window move it later.
    elapsed_s
        Window used.
    driven_s, since_break_s
        Driving used of the 11 and of the 8 hours.
    run_elapsed_s, run_earliest_s
        ``elapsed_s`` and ``earliest_s`` when the present time without driving began. Of a driver
        who is resting the second is the earliest instant of being here.
    split_s
        Length of the last rest of a split; 0: there is none in the tour.
    split_owed
        The other rest of its pair is still to come.
    split_elapsed_s, split_driven_s
        ``elapsed_s`` and ``driven_s`` at that rest.
    worked_s
        On duty since the start of the plan, or since the restart if ``restarted``.
    """

    earliest_s: int
    latest_s: int = FAR_S
    elapsed_s: int = 0
    driven_s: int = 0
    since_break_s: int = 0
    run_elapsed_s: int = 0
    run_earliest_s: int = 0
    split_s: int = 0
    split_owed: bool = False
    split_elapsed_s: int = 0
    split_driven_s: int = 0
    worked_s: int = 0
    restarted: bool = False
    before: Label | None = None
    step: Step = Step("begin", 0)

    @property
    def at_s(self) -> int:
        """Earliest instant of going on from here."""
        return self.earliest_s + self.elapsed_s

    @property
    def present_s(self) -> int:
        """Earliest instant of being here, resting or not."""
        return self.run_earliest_s if self.idle else self.at_s

    @property
    def idle(self) -> bool:
        """Nothing is done since the rest: the tour has not begun."""
        return self.elapsed_s == 0 and self.latest_s == FAR_S

    def then(self, step: Step, **changed: int) -> Label:
        """The label that a step leads to."""
        return self._replace(before=self, step=step, **changed)


def beats(one: Label, other: Label) -> bool:
    """Whether nothing that can follow ``other`` needs it: all can follow ``one``, as early."""
    return (
        one.at_s <= other.at_s
        and one.elapsed_s <= other.elapsed_s
        and one.latest_s >= other.latest_s
        and one.driven_s <= other.driven_s
        and one.since_break_s <= other.since_break_s
        and (
            one.since_break_s == 0
            or (
                one.run_elapsed_s <= other.run_elapsed_s
                and one.run_elapsed_s + one.run_earliest_s
                <= other.run_elapsed_s + other.run_earliest_s
            )
        )
        and (not one.idle or one.run_earliest_s <= other.run_earliest_s or not other.idle)
        and _split_beats(one, other)
        and one.restarted == other.restarted
        and one.worked_s <= other.worked_s
    )


def _split_beats(one: Label, other: Label) -> bool:
    if not one.split_s and not other.split_s:
        return True
    if not other.split_s or one.split_owed > other.split_owed:
        return not one.split_owed
    return (
        one.split_s >= other.split_s
        and one.elapsed_s - one.split_elapsed_s <= other.elapsed_s - other.split_elapsed_s
        and one.driven_s - one.split_driven_s <= other.driven_s - other.split_driven_s
    )


def add(labels: list[Label], label: Label) -> None:
    """Add a label unless another beats it; drop those that it beats."""
    if any(beats(other, label) for other in labels):
        return
    labels[:] = [other for other in labels if not beats(label, other)]
    labels.append(label)


def kept(labels: Sequence[Label]) -> list[Label]:
    """Those of ``labels`` that no other beats."""
    best: list[Label] = []
    for label in labels:
        add(best, label)
    return best


def few(labels: list[Label]) -> list[Label]:
    """All ways without a split, and of those with one a few: the earliest and the freshest."""
    split = [label for label in labels if label.split_s]
    if len(split) <= _MOST_SPLIT:
        return labels
    plain = [label for label in labels if not label.split_s]
    earliest = sorted(split, key=lambda label: label.at_s)[: _MOST_SPLIT // 2]
    freshest = sorted(split, key=lambda label: label.elapsed_s + label.driven_s)[: _MOST_SPLIT // 2]
    return [*plain, *{id(label): label for label in (*earliest, *freshest)}.values()]
