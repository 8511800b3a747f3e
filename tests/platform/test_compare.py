"""``crossdock compare``: paired differences, on the same orders and luck."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from crossdock.platform.cli import main
from crossdock.platform.running.compare import paired

POLICIES = ("baseline", "crossdock")


def figures(name: str, first: list[float], second: list[float]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"seed": seed, "policy": policy, "name": name, "value": value}
            for policy, values in zip(POLICIES, (first, second), strict=True)
            for seed, value in enumerate(values)
        ]
    )


def test_a_paired_difference_has_the_interval_of_student() -> None:
    row = paired(
        figures("cost_per_package", [10.0, 12.0, 11.0, 13.0], [8.0, 11.0, 9.0, 12.0]), POLICIES
    ).row(0, named=True)
    assert row["baseline"] == pytest.approx(11.5)
    assert row["crossdock"] == pytest.approx(10.0)
    assert row["difference"] == pytest.approx(-1.5)
    # sd of (-2, -1, -2, -1) is 0.57735, t(0.975, 3) is 3.18245
    assert row["high"] - row["difference"] == pytest.approx(3.18245 * 0.57735 / 2, abs=1e-4)
    assert row["low"] == pytest.approx(2 * row["difference"] - row["high"])
    assert row["seeds"] == 4


def test_one_seed_has_no_interval() -> None:
    row = paired(figures("stops_per_hour", [5.0], [6.0]), POLICIES).row(0, named=True)
    assert (row["difference"], row["low"], row["high"]) == (1.0, None, None)


def test_both_policies_live_the_same_days(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "compared"
    code = main(
        ["--quiet", "compare", "--seeds", "2", "--parcels", "120", "--metros", "4",
         "--workers", "1", "--out", str(out)]
    )  # fmt: skip
    assert code == 0
    told = capsys.readouterr().out
    assert "| cost per package |" in told
    assert (out / "compare.md").read_text(encoding="utf-8") == told
    table = pl.read_csv(out / "compare.csv")
    runs = pl.read_csv(out / "figures.csv")
    assert set(runs["policy"]) == set(POLICIES)
    assert runs["seed"].n_unique() == 2
    for row in table.iter_rows(named=True):
        mine = runs.filter(pl.col("name") == row["name"])
        by_policy = {
            policy: mine.filter(pl.col("policy") == policy)["value"].mean() for policy in POLICIES
        }
        assert row["baseline"] == pytest.approx(by_policy["baseline"])
        assert row["crossdock"] == pytest.approx(by_policy["crossdock"])
    assert {"cost_per_package", "on_time_delivery", "promised_days", "empty_miles_share"} <= set(
        table["name"]
    )


@pytest.mark.parametrize("policies", ["crossdock", "crossdock,magic", "a,b,c"])
def test_two_known_policies_are_asked_for(
    policies: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "--policies", policies]) == 2
    assert "name two of" in capsys.readouterr().err
