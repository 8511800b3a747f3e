"""Play the dispatch game on the instance of a file, and tell what came of it as a document."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from crossdock.plan.routing import Budget
from crossdock.plan.routing.dynamic import Day, EpochResult, PolicyName, play, policy_of
from crossdock.platform.engine import LocalEngine
from crossdock.platform.routing.reading import read_instance


def dispatch_file(
    path: Path,
    policy: PolicyName,
    seed: int,
    seconds: float,
    on_epoch: Callable[[EpochResult], None] | None = None,
    *,
    workers: int = 1,
) -> dict[str, Any]:
    """Cost and routes of a day of the game.

    Parameters
    ----------
    seed
        Of the requests, and of the draws of the policy.
    seconds
        Of wall clock, an epoch.
    workers
        Processes that ask futures side by side, for the best policy.
    """
    workers = workers if policy is PolicyName.BEST else 1
    with LocalEngine(workers, imports=["crossdock.plan.routing.dynamic"]) as engine:
        day = Day.of(read_instance(path).problem)
        engine.map(abs, range(workers), label="workers")  # up before the first epoch begins
        answer = policy_of(policy, Budget(seconds=seconds), seed, engine=engine, workers=workers)
        results = play(day, seed, answer, on_epoch)
    return {
        "cost": sum(result.cost for result in results),
        "epochs": [
            {
                "epoch": result.epoch,
                "cost": result.cost,
                "routes": [list(route) for route in result.routes],
            }
            for result in results
        ],
    }
