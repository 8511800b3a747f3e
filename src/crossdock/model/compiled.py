"""Typed door to numba: compiled kernels keep their Python signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba  # pyright: ignore[reportMissingTypeStubs]
from numba import extending, types  # pyright: ignore[reportMissingTypeStubs]
from numba.experimental import structref  # pyright: ignore[reportMissingTypeStubs]

# pyright: reportUnknownMemberType=false, reportUntypedBaseClass=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(kernel: Kernel) -> Kernel:
    """Compile ``kernel`` to machine code at first call; later processes read it from the cache."""
    jit = cast("Callable[[Kernel], Kernel]", numba.njit(cache=True, nogil=True))
    return jit(kernel)


def inner(kernel: Kernel) -> Kernel:
    """Compile ``kernel`` as a part of those that call it, which is quicker; nobody else may."""
    jit = cast(
        "Callable[[Kernel], Kernel]",
        cast("Any", numba).njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True),
    )
    return jit(kernel)


def callable_from_kernels(part: Kernel) -> Kernel:
    """Let compiled kernels call ``part``, which stays plain Python for everybody else."""
    register = cast("Callable[[Kernel], Kernel]", extending.register_jitable)
    return register(part)


class HandleKind(types.StructRef):
    """Of the type of a handle in compiled code."""

    def preprocess_fields(self, fields: Any) -> Any:
        """See numba."""
        return tuple((name, types.unliteral(each)) for name, each in fields)


class Handle(structref.StructRefProxy):
    """A handle as Python holds it."""


def handle(fields: tuple[str, ...], kind: type[Any], made: type[Any]) -> None:
    """Let compiled kernels take many arrays as one argument, by reference.

    A tuple of arrays is handed on array by array at every call, and compiled so: with dozens of
    them both take long.

    Parameters
    ----------
    fields
        Names; ``made(*values)`` is then understood in compiled code.
    kind, made
        Empty classes of the caller's module, derived from `HandleKind` and from `Handle`.
    """
    structref.register(kind)
    structref.define_constructor(made, kind, list(fields))
    structref.define_boxing(kind, made)
