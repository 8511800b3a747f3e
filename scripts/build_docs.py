"""Write the reference pages of the documentation from the code that they describe.

``python scripts/build_docs.py`` writes them into ``docs/``; a test holds the committed pages to
what this script makes.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import polars as pl

from crossdock import comply
from crossdock.comply.rule_value import RuleValue
from crossdock.comply.weight import WeightLimits
from crossdock.model import tables
from crossdock.model.event import (
    EVENT_KINDS,
    EXCEPTION_KINDS,
    PARCEL_STATUSES,
    TRANSITIONS,
)
from crossdock.model.event import table as event_table
from crossdock.model.network import NETWORK_FILES, Column, FileSpec
from crossdock.model.network.spec import EFFECTIVE
from crossdock.model.tables import RUN_TABLES, Schema
from crossdock.platform.cli.main import COMMANDS, crossdock
from crossdock.platform.routing.documents import DOCUMENTS, json_schema
from crossdock.platform.server import ServerSettings

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
RESULTS = ROOT / "benchmarks" / "results"

MEASURED = {
    "house.md": "crossdock bench house",
    "bands.md": "crossdock bench bands",
    "compare_20000.md": "crossdock compare --seeds 3 --parcels 20000 --warm",
    "compare_2000.md": "crossdock compare --seeds 10 --parcels 2000",
    "eta_coverage.md": "scripts/build_eta_model.py",
    "events.md": "crossdock bench events",
    "tower.md": "crossdock bench tower",
    "hos.md": "crossdock bench hos",
    "roads.md": "crossdock bench roads --map baltimore.osm.pbf",
}
"""Results that the documentation shows, in its order, and the command that makes each."""

CELLS = {
    "text": "text",
    "list": "texts separated by `;`",
    "integer": "whole number",
    "number": "number",
    "local_time": "`HH:MM`, local to the facility",
    "date": "`YYYY-MM-DD`",
    "days": "mask of `MTWTFSU`, `-` or `.` for a day off; empty: see meaning",
    "boolean": "`1` or `0`",
    "instant": "ISO 8601 with offset",
    "timezone": "IANA time zone",
    "weekday": "day of the week",
    "zip": "ZIP, 3 or 5 digits",
}


def main() -> None:
    """Write every generated page."""
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")


def pages() -> dict[str, str]:
    """Every generated page by its file name in ``docs/``."""
    return {
        "measured.md": measured_page(),
        "network-format.md": network_page(),
        "schemas.md": schemas_page(),
        "route-documents.md": route_documents_page(),
        "events.md": events_page(),
        "cli.md": cli_page(),
        "settings.md": settings_page(),
        "rule-values.md": rule_values_page(),
    }


def measured_page() -> str:
    """What was measured, as the benchmarks wrote it."""
    parts = [
        "# Measured",
        "",
        "Tables as the commands wrote them into `benchmarks/results/`, on a machine with 2 cores.",
        "",
    ]
    for name, command in MEASURED.items():
        text = (RESULTS / name).read_text(encoding="utf-8").strip()
        body = text if text.startswith("# ") else f"# `{command}`\n\n{text}"
        parts += [re.sub("^#", "##", body, flags=re.MULTILINE), ""]
    return "\n".join(parts)


def settings_page() -> str:
    """The settings of a server, from their docstring and defaults."""
    documented = re.findall(
        r"^    ([a-z_, ]+)\n        (.+?)(?=\n    \S|\n    \Z|\Z)",
        (ServerSettings.__doc__ or "").partition("----------\n")[2],
        re.MULTILINE | re.DOTALL,
    )
    defaults = vars(ServerSettings())
    lines = [
        _made_from("crossdock.platform.server.ServerSettings"),
        "# Settings of a server",
        "",
        "Set them in the environment of `crossdock serve`.",
        "",
        "| variable | default | meaning |",
        "| --- | ---: | --- |",
    ]
    for names, meaning in documented:
        for name in names.split(", "):
            value = defaults[name]
            shown = str(value).lower() if isinstance(value, bool) else f"{value:,}"
            lines.append(f"| `CROSSDOCK_{name.upper()}` | {shown} | {' '.join(meaning.split())} |")
    return "\n".join([*lines, ""])


def network_page() -> str:
    """The network files: one section a file."""
    required = [f"`{name}`" for name, spec in NETWORK_FILES.items() if spec.required]
    lines = [
        _made_from("crossdock.model.network"),
        "# Network files",
        "",
        "A network is a folder of CSV or Parquet files, one header each. Write the built-in one as "
        "a start, change it, and check it:",
        "",
        "```sh",
        "crossdock network init my_network/",
        "crossdock network check my_network/",
        "crossdock plan --network my_network/ --orders orders.csv --out tomorrow/",
        "```",
        "",
        f"Needed are {', '.join(required[:-1])} and {required[-1]}. Where another file is missing, "
        "what is assumed instead is printed and kept in the run's `manifest.json`. Ids are yours. "
        "An empty cell means no limit or not applicable. Unknown columns are kept and named in a "
        "warning. Your row comes first, then the built-in default, never an invention.",
        "",
        "Every file may also have "
        + " and ".join(f"`{column.name}` ({column.meaning})" for column in EFFECTIVE)
        + ".",
        "",
    ]
    for spec in NETWORK_FILES.values():
        lines += _file_section(spec)
    return _text(lines)


def _file_section(spec: FileSpec) -> Iterable[str]:
    yield f"## {spec.name}"
    yield ""
    yield spec.meaning + (" **Required.**" if spec.required else "")
    yield ""
    yield "| column | cell | needed | allowed | meaning |"
    yield "| --- | --- | --- | --- | --- |"
    for column in spec.columns:
        yield (
            f"| `{column.name}` | {CELLS[column.cell]} | {'yes' if column.needed else ''} "
            f"| {_allowed(column)} | {_cell_text(column.meaning)} |"
        )
    yield ""
    if spec.key:
        yield f"No two rows in force on one date share {_listed(spec.key)}."
        yield ""


def _allowed(column: Column) -> str:
    parts: list[str] = []
    if column.choices:
        parts.append(_listed(column.choices))
    if column.low is not None and column.high is not None:
        parts.append(f"{column.low:,g} to {column.high:,.10g}")
    if column.refers_to:
        parts.append(f"a `{column.refers_to[1]}` of {column.refers_to[0]}")
    return "; ".join(parts)


def schemas_page() -> str:
    """The tables of a run folder."""
    notes = _notes_of_schemas(tables)
    lines = [
        _made_from("crossdock.model.tables"),
        "# Tables of a run",
        "",
        "`crossdock plan --out RUN/` writes each as `RUN/<name>.parquet`, with these columns in "
        "this order. Instants are `Datetime[us, UTC]`; money is US dollars; measures are SI unless "
        "the name says otherwise. Columns may be added; none is renamed. The order rows that were "
        "not planned are in `rejects.csv`.",
        "",
    ]
    named: dict[str, Schema] = {**RUN_TABLES, "rejects": tables.REJECTS}
    for name, schema in named.items():
        lines += [f"## {name}", ""]
        note = notes.get(name)
        lines += [note, ""] if note else []
        lines += [*_column_table(schema), ""]
    return _text(lines)


def route_documents_page() -> str:
    """Problem, plan and events of routes: a section an object, a row a field."""
    lines = [
        _made_from("crossdock.platform.routing.documents"),
        "# Route documents",
        "",
        "What [`crossdock route`](routing.md) and `/v1/routes` read and write. `crossdock route "
        "schema problem`, `plan` and `events` print the JSON schemas (draft 2020-12). Fields that "
        "are not listed are refused.",
        "",
    ]
    for name in DOCUMENTS:
        schema = json_schema(name)
        lines += [f"## {name}", "", *_object_section(schema)]
        for part, told in schema["$defs"].items():
            lines += [f"### {name}: {part}", "", *_object_section(told)]
    return _text(lines)


def _object_section(schema: Mapping[str, Any]) -> Iterable[str]:
    yield _cell_text(schema.get("description", ""))
    yield ""
    yield "| field | value | needed |"
    yield "| --- | --- | --- |"
    needed = schema.get("required", ())
    for field, told in schema.get("properties", {}).items():
        yield f"| `{field}` | {_cell_text(_value_text(told))} | {_yes(field in needed)} |"
    yield ""


def _value_text(told: Mapping[str, Any]) -> str:
    """A value of a JSON schema in words."""
    kind = told.get("type", "")
    text = {"integer": "whole number", "string": "text", "boolean": "true or false"}.get(kind, kind)
    if several := told.get("anyOf") or told.get("oneOf"):
        text = " or ".join(_value_text(each) for each in several)
    elif "$ref" in told:
        text = told["$ref"].rpartition("/")[2]
    elif named := told.get("enum") or ([told["const"]] if "const" in told else None):
        text = ", ".join(f"`{each}`" for each in named)
    elif kind == "array":
        text = f"list of {_value_text(told.get('items', {}))}"
    elif kind == "object":
        inner = told.get("additionalProperties")
        text = f"by name: {_value_text(inner)}" if isinstance(inner, dict) else "an object"
    elif told.get("format") == "date-time":
        text = "instant"
    low, high = told.get("minimum"), told.get("maximum")
    bounds = f" {low:,.10g} to {high:,.10g}" if low is not None and high is not None else ""
    default = told.get("default")
    usual = f"; {default} by default" if default not in (None, "", [], {}) else ""
    return f"{text}{bounds}{usual}"


def _column_table(schema: Schema) -> Iterable[str]:
    yield "| column | type |"
    yield "| --- | --- |"
    yield from (f"| `{column}` | {_type_name(kind)} |" for column, kind in schema.items())


def _notes_of_schemas(module: ModuleType) -> dict[str, str]:
    """The text below each schema in the source, by the table's name."""
    body = ast.parse(inspect.getsource(module)).body
    notes: dict[str, str] = {}
    for before, statement in pairwise(body):
        if (
            isinstance(before, ast.Assign)
            and isinstance(before.targets[0], ast.Name)
            and isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Constant)
        ):
            text = " ".join(str(statement.value.value).replace("``", "`").split())
            notes[before.targets[0].id.lower()] = text
    return notes


def _type_name(kind: pl.DataType | type[pl.DataType]) -> str:
    name = str(kind() if isinstance(kind, type) else kind)
    return "instant" if name.startswith("Datetime") else name.lower()


def events_page() -> str:
    """The event log: how it is opened, what is in it, what it may say."""
    note = _notes_of_schemas(event_table)["events"]
    return _text(
        [
            _made_from("crossdock.model.event"),
            "# The event log",
            "",
            "What happens is appended to one log and never changed: scans, positions, duties, "
            "tender answers, commands. Statuses, exceptions and figures are folded from it and can "
            "be rebuilt from it ([why](decisions/0010-the-day-as-events.md)). An event is known by "
            "tenant, source and the source's own id: delivered twice, it is kept once. An appended "
            "batch is on disk, whole, before the call returns.",
            "",
            "```python",
            "from crossdock.platform.store.database import open_store",
            "",
            'with open_store("sqlite:///events.db") as log:',
            "    appended = log.append(events)  # a Polars frame with the columns below",
            "    print(appended.accepted, appended.duplicates)",
            "    for frame in log.read(after=appended.last_sequence - 1000):",
            "        ...  # in the order of the log",
            "```",
            "",
            "## SQLite or PostgreSQL",
            "",
            "A file is the default and needs no server; keep it on a local disk. For PostgreSQL 15 "
            "or newer install the driver and change the URL, nothing else:",
            "",
            "```sh",
            "pip install 'crossdock[postgres]'",
            "createdb --encoding UTF8 crossdock",
            "crossdock bench events --url postgresql+psycopg://USER:PASSWORD@HOST:5432/crossdock",
            "```",
            "",
            "Tables are made when the store is first opened, and migrated when Crossdock is newer "
            "than they are; a store of a newer Crossdock is refused. Write special characters of "
            "the password percent-encoded (`@` as `%40`). How fast both are on one machine is in "
            "`benchmarks/results/events.md`.",
            "",
            "## Columns",
            "",
            note,
            "",
            *_column_table(event_table.EVENTS),
            "",
            "Frames that are read also have `sequence` (int64), the order of the log. It only "
            "grows, and may have gaps.",
            "",
            "## Kinds",
            "",
            "A log may hold other kinds too; they are kept and counted. No key of a payload is "
            "required.",
            "",
            "| kind | about | meaning | payload |",
            "| --- | --- | --- | --- |",
            *(
                f"| `{kind.name}` | {kind.about} | {_cell_text(kind.meaning)} "
                f"| {_payload(kind.payload)} |"
                for kind in EVENT_KINDS.values()
            ),
            "",
            "## Statuses of a parcel",
            "",
            f"On its way stands for {_listed(_in_order(_on_its_way()))}. Any status may also be "
            "followed by `unknown`.",
            "",
            "| status | phase | end | needs action | promise's clock | may be followed by |",
            "| --- | --- | --- | --- | --- | --- |",
            *(
                f"| `{name}` | {status.group} | {_yes(status.terminal)} "
                f"| {_yes(status.needs_action)} | {status.sla_clock} | {_followers(name)} |"
                for name, status in PARCEL_STATUSES.items()
            ),
            "",
            "## Exceptions",
            "",
            "P0 is now, P3 when there is time; money and promises at risk are weighed on top.",
            "",
            "| kind | family | severity | what opens it |",
            "| --- | --- | --- | --- |",
            *(
                f"| `{kind.name}` | {kind.family} | {kind.severity} | {_cell_text(kind.trigger)} |"
                for kind in EXCEPTION_KINDS.values()
            ),
        ]
    )


def rule_values_page() -> str:
    """The dated numbers of the compliance gates, with what each was compared with."""
    lines = [
        _made_from("crossdock.comply"),
        "# Numbers of the gates",
        "",
        "Every number of a rule behind the [gates](compliance.md), except those of the hours of "
        "service. A number that was not compared with a copy of the official text says so: check "
        "it against its citation before you rely on it. This is no legal advice.",
        "",
    ]
    for module in _rule_modules():
        rows = list(_rule_rows(module))
        if not rows:
            continue
        room = module.__name__.removeprefix("crossdock.comply.")
        lines += [f"## {room}", "", "| number | value | citation | used from | compared with |"]
        lines += ["| --- | ---: | --- | --- | --- |", *rows, ""]
    return _text(lines)


def _rule_modules() -> Iterable[ModuleType]:
    for found in pkgutil.walk_packages(comply.__path__, "crossdock.comply."):
        if not found.ispkg and not found.name.startswith("crossdock.comply.hos."):
            yield importlib.import_module(found.name)


def _rule_rows(module: ModuleType) -> Iterable[str]:
    """A row for each value that is written in the module itself."""
    written = {
        target.id
        for statement in ast.parse(inspect.getsource(module)).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    for name, value in vars(module).items():
        if name in written and not name.startswith("_"):
            yield from _rule_row(name, value)


def _rule_row(name: str, value: object) -> Iterable[str]:
    if isinstance(value, RuleValue):
        days = str(value.effective_from)
        if value.effective_to is not None:
            days += f" to {value.effective_to}"
        yield (
            f"| `{name}` | {value.value:,.6g} {value.unit} | {value.citation} | {days} "
            f"| {_cell_text(value.compared_with) or '**not compared**'} |"
        )
    elif isinstance(value, dict):
        for key, inner in value.items():
            shown = " ".join(map(str, key)) if isinstance(key, tuple) else key
            yield from _rule_row(f"{name} {shown}", inner)
    elif isinstance(value, WeightLimits):
        for field, inner in vars(value).items():
            yield from _rule_row(f"{name}.{field}", inner)


def _payload(keys: Mapping[str, str]) -> str:
    return "; ".join(f"`{key}` {_cell_text(meaning)}" for key, meaning in keys.items())


def _followers(status: str) -> str:
    after = TRANSITIONS[status]
    if after == set(PARCEL_STATUSES):
        return "any"
    if after == _on_its_way():
        return "on its way"
    return _listed(_in_order(after)) or "nothing"


def _on_its_way() -> frozenset[str]:
    """The statuses that most statuses may be followed by."""
    return Counter(TRANSITIONS.values()).most_common(1)[0][0]


def _in_order(statuses: frozenset[str]) -> list[str]:
    return [name for name in PARCEL_STATUSES if name in statuses]


def _yes(answer: bool) -> str:
    return "yes" if answer else ""


def cli_page() -> str:
    """Every command with its options, as its ``--help`` has them."""
    lines = [
        _made_from("crossdock.platform.cli"),
        "# Commands",
        "",
        "Progress goes to stderr, results to stdout or `--out`. Every command has `--help` with an "
        "example and `--quiet`. An error is one line with a remedy below it.",
        "",
        "| exit code | meaning |",
        "| ---: | --- |",
        "| 0 | done |",
        "| 1 | something unforeseen: a bug |",
        "| 2 | wrong usage, or a file that cannot be used |",
        "| 3 | some rows were rejected and listed with reason and remedy; the rest is planned |",
        "| 4 | infeasible, refused or not found |",
        "| 130 | interrupted; nothing half-written is left |",
        "",
    ]
    root = click.Context(crossdock, info_name="crossdock", **crossdock.context_settings)
    for name in COMMANDS:
        command = crossdock.get_command(root, name)
        assert command is not None
        lines += _command_section(command, name, root, level=2)
    return _text(lines)


def _command_section(
    command: click.Command, name: str, parent: click.Context, level: int
) -> Iterable[str]:
    # A fixed width, so that the page does not depend on the terminal.
    context = click.Context(command, info_name=name, parent=parent, terminal_width=96)
    yield f"{'#' * level} {context.command_path}"
    yield ""
    yield "```text"
    yield from (line.rstrip() for line in command.get_help(context).splitlines())
    yield "```"
    yield ""
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            child = command.get_command(context, below)
            assert child is not None
            yield from _command_section(child, below, context, level + 1)


def _made_from(source: str) -> str:
    return f"<!-- Made by scripts/build_docs.py from {source}; do not edit. -->\n"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell_text(text: str) -> str:
    return text.replace("|", "\\|")


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    main()
