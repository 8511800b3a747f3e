"""Columns, state and work as compiled code takes them: one reference each, not dozens of arrays."""

from __future__ import annotations

from crossdock.model.compiled import Handle, HandleKind, compiled, handle
from crossdock.plan.routing.ruin.columns import Columns
from crossdock.plan.routing.ruin.state import State, Work


class ColumnsKind(HandleKind):
    """Type of `ColumnsHandle`."""


class ColumnsHandle(Handle):
    """A handle to `Columns`."""


class StateKind(HandleKind):
    """Type of `StateHandle`."""


class StateHandle(Handle):
    """A handle to `State`."""


class WorkKind(HandleKind):
    """Type of `WorkHandle`."""


class WorkHandle(Handle):
    """A handle to `Work`."""


handle(Columns._fields, ColumnsKind, ColumnsHandle)
handle(State._fields, StateKind, StateHandle)
handle(Work._fields, WorkKind, WorkHandle)


@compiled
def columns_handle(told: Columns) -> Columns:
    """Handle to columns; kernels read it as they would the columns themselves."""
    return ColumnsHandle(*told)  # pyright: ignore[reportReturnType]


@compiled
def state_handle(told: State) -> State:
    """Handle to a state, which shares its arrays."""
    return StateHandle(*told)  # pyright: ignore[reportReturnType]


@compiled
def work_handle(told: Work) -> Work:
    """Handle to room for work, which shares its arrays."""
    return WorkHandle(*told)  # pyright: ignore[reportReturnType]
