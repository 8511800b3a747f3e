"""Make the pictures of the README and the page of figures from a finished run.

``python scripts/make_pictures.py RUN/`` renders ``report.html`` light and dark with Debian's
Chromium into ``docs/images/`` and writes the headline figures, plan against baseline, into
``docs/figures.md``. Figures in the documentation are produced, not typed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 1280, 1180
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HEADLINES = {
    "cost_per_package": ("Cost a parcel", "${:,.2f}"),
    "cost_per_package_linehaul": ("of it line-haul", "${:,.2f}"),
    "cost_per_package_lastmile": ("of it last mile, own and crowd", "${:,.2f}"),
    "cost_per_package_injection": ("of it handed to partners", "${:,.2f}"),
    "planned_on_time_promise": ("Promise expected to be kept", "{:.1%}"),
    "planned_on_time_service": ("Planned by when the service says", "{:.1%}"),
    "offered_share": ("Service that the lane can keep", "{:.1%}"),
    "load_utilisation_cube": ("Load space used", "{:.1%}"),
    "empty_miles_share": ("Empty miles", "{:.1%}"),
    "stops_per_hour": ("Stops an hour", "{:.1f}"),
}


def main() -> int:
    """Render pictures and figures of the run named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("run", type=Path, help="a run folder, as `crossdock plan` writes it")
    run: Path = parser.parse_args().run
    browser = shutil.which("chromium")
    if browser is None:
        print("error: no chromium found\nremedy: apt-get install chromium", file=sys.stderr)
        return 2
    report = (run / "report.html").resolve()
    images = ROOT / "docs" / "images"
    images.mkdir(parents=True, exist_ok=True)
    for name, dark in (("report.png", False), ("report-dark.png", True)):
        take_picture(browser, report, images / name, dark=dark)
    (ROOT / "docs" / "figures.md").write_text(figures_page(run), encoding="utf-8")
    return 0


def take_picture(browser: str, page: Path, picture: Path, *, dark: bool) -> None:
    """Screenshot of the first screens of ``page``."""
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                browser,
                *FLAGS,
                *scheme,
                f"--user-data-dir={profile}",
                f"--window-size={WIDTH},{HEIGHT}",
                f"--screenshot={picture}",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )


def figures_page(run: Path) -> str:
    """Headline figures of a run beside its baseline, as a page."""
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    kpis = pl.read_parquet(run / "kpis.parquet").filter(pl.col("grain") == "network")
    plan = dict(kpis.select("name", "value").iter_rows())
    baseline = (manifest.get("baseline") or {}).get("kpis", {})
    rows = [
        f"| {words} | {shown(plan.get(name), form)} | {shown(baseline.get(name), form)} |"
        for name, (words, form) in HEADLINES.items()
    ]
    stages = [
        f"| {each['stage']} | {each['seconds']:.1f} | {each['peak_mb']:,.0f} |"
        for each in manifest["stages"]
    ]
    linehaul = manifest["linehaul"]
    return "\n".join(
        [
            "<!-- Made by scripts/make_pictures.py from a run: do not edit. -->",
            "# Figures",
            "",
            f"{manifest['counts']['orders_planned']:,} orders of {manifest['start_date']}, seed "
            f"{manifest['seed']}, built-in network; baseline: `--policy baseline` on the same "
            "orders.",
            "",
            "| | Crossdock | baseline |",
            "| --- | ---: | ---: |",
            *rows,
            "",
            f"Line-haul objective ${linehaul['objective_usd']:,.0f}; proven lower bound "
            f"${linehaul['bound_usd']:,.0f}, so the gap to the full model is at most "
            f"{linehaul['gap']:.1%}. The bound relaxes whole vehicles, which is most of the gap at "
            "this density.",
            "",
            "| stage | seconds | peak MB |",
            "| --- | ---: | ---: |",
            *stages,
            "",
        ]
    )


def shown(value: float | None, form: str) -> str:
    """``value`` in its form; a dash where there is none."""
    return "–" if value is None else form.format(value)


if __name__ == "__main__":
    sys.exit(main())
