"""Tests run alike on every machine: a fixed number of generated cases, no clock on slow ones."""

import pytest
from hypothesis import settings

settings.register_profile("crossdock", derandomize=True, deadline=None, database=None)
settings.load_profile("crossdock")

LONGEST = (
    "test_watching", "test_plan_page", "test_schemathesis", "test_run", "test_going_live",
    "test_board_page", "test_past_page", "test_twin", "test_walk", "test_server_killed",
    "test_tower_api", "test_checker", "test_compare", "test_warm_start", "test_player",
    "test_commands_page", "test_plans_api", "test_limits", "test_jobs", "test_checker_actual",
    "test_cli", "test_past", "test_fleet_page", "test_bench_lastmile", "test_route_cli",
    "test_parts", "test_dispatch_game",
)  # fmt: skip
"""Modules of few long tests, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest modules: at the end no worker is left alone with one of them."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))
