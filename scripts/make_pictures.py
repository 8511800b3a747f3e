"""Make the pictures of the README and the page of figures from a run.

``python scripts/make_pictures.py RUN/`` renders the top of ``report.html`` (what happened: the
verdict, the figures beside the plan's, the days hour by hour) light and dark with Debian's Chromium
into ``docs/images/`` and writes the headline figures, happened, planned and baseline, into
``docs/figures.md``. Without a run folder the demo is run first. Figures in the documentation are
produced, not typed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

ROOT = Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 1060, 1400
"""Of a picture, in pixels: the headline and the hours of the days."""
LARGEST_PICTURE_BYTES = 400_000
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
LIVED_HEADLINES = {
    "on_time_delivery": ("Delivered when promised", "{:.1%}", "planned_on_time_promise"),
    "on_time_delivery_net": ("weather, address, consignee left out", "{:.1%}", None),
    "on_time_service": (
        "Delivered when the service says", "{:.1%}", "planned_on_time_service",
    ),
    "first_attempt_success": ("Delivered at the first attempt", "{:.1%}", None),
    "cost_per_package": ("Cost a parcel", "${:,.2f}", "cost_per_package"),
    "load_utilisation_cube": ("Load space used", "{:.1%}", "load_utilisation_cube"),
    "empty_miles_share": ("Empty miles", "{:.1%}", "empty_miles_share"),
    "stops_per_hour": ("Stops an hour", "{:.1f}", "stops_per_hour"),
    "exceptions_per_1000": ("Exceptions in 1,000 parcels", "{:,.0f}", None),
}  # fmt: skip
"""What happened, each with the KPI of the plan that it is beside."""
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
    """Render pictures and figures of the run named on the command line, else of the demo."""
    parser = argparse.ArgumentParser(description="Make the pictures and figures of docs/.")
    parser.add_argument("run", nargs="?", type=Path, help="run folder; default: run the demo")
    named: Path | None = parser.parse_args().run
    browser = shutil.which("chromium")
    if browser is None:
        return _refuse("there is no chromium", "install Debian's: apt-get install chromium")
    with tempfile.TemporaryDirectory() as scratch:
        run = named or run_demo(Path(scratch) / "demo")
        if not (run / "report.html").is_file():
            return _refuse(f"{run} holds no report.html", "name a run: crossdock demo makes one")
        return document(run, browser)


def run_demo(out: Path) -> Path:
    """Run the demo into ``out``, as a user would."""
    command = [
        sys.executable,
        "-m",
        "crossdock.platform.cli",
        "demo",
        "--no-serve",
        "--out",
        str(out),
    ]
    subprocess.run(command, check=True)
    return out


def document(run: Path, browser: str) -> int:
    """Write pictures and figures of ``run`` into ``docs/``; returns the exit code."""
    images = ROOT / "docs" / "images"
    images.mkdir(parents=True, exist_ok=True)
    for name, dark in (("report.png", False), ("report-dark.png", True)):
        picture = images / name
        take_picture(browser, (run / "report.html").resolve(), picture, dark=dark)
        if picture.stat().st_size > LARGEST_PICTURE_BYTES:
            return _refuse(f"{picture} is too large for a README", "make WIDTH or HEIGHT smaller")
    (ROOT / "docs" / "figures.md").write_text(figures_page(run), encoding="utf-8")
    return 0


def _refuse(message: str, remedy: str) -> int:
    print(f"error: {message}\nremedy: {remedy}", file=sys.stderr)
    return 2


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
    happened = network_kpis(run / "kpis.parquet")
    aside = run / "plan" / "kpis.parquet"
    plan = network_kpis(aside) if aside.is_file() else happened
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
            f"{manifest['seed']}, built-in network; {addresses(manifest)}. Baseline: `--policy "
            "baseline` on the same orders.",
            "",
            *(lived_table(happened, plan) if aside.is_file() else []),
            "As planned:",
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


def network_kpis(table: Path) -> dict[str, float | None]:
    """Values by name over the whole network."""
    kpis = pl.read_parquet(table).filter(pl.col("grain") == "network")
    return dict(kpis.select("name", "value").iter_rows())


def lived_table(
    happened: Mapping[str, float | None], plan: Mapping[str, float | None]
) -> list[str]:
    """What happened beside the plan, as lines of Markdown."""
    rows = [
        f"| {words} | {shown(happened.get(name), form)} | {shown(plan.get(beside or ''), form)} |"
        for name, (words, form, beside) in LIVED_HEADLINES.items()
    ]
    return ["What happened:", "", "| | happened | planned |", "| --- | ---: | ---: |", *rows, ""]


def addresses(manifest: Mapping[str, Any]) -> str:
    """Where the addresses come from: they move the figures by a per cent or two."""
    shares = manifest["facts"].get("real_address_share") or {}
    metros = sum(1 for metro, share in shares.items() if share > 0 and metro != "outside")
    if not metros:
        return "addresses drawn within their ZIPs"
    return f"real addresses from `CROSSDOCK_DATA` in {metros} metros, else drawn within their ZIPs"


def shown(value: float | None, form: str) -> str:
    """``value`` in its form; a dash where there is none."""
    return "–" if value is None else form.format(value)


if __name__ == "__main__":
    sys.exit(main())
