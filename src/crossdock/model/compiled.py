"""Typed door to numba: compiled kernels keep their Python signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba  # pyright: ignore[reportMissingTypeStubs]
from numba import extending  # pyright: ignore[reportMissingTypeStubs]

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(kernel: Kernel) -> Kernel:
    """Compile ``kernel`` to machine code at first call; later processes read it from the cache."""
    jit = cast("Callable[[Kernel], Kernel]", numba.njit(cache=True, nogil=True))
    return jit(kernel)


def callable_from_kernels(part: Kernel) -> Kernel:
    """Let compiled kernels call ``part``, which stays plain Python for everybody else."""
    register = cast("Callable[[Kernel], Kernel]", extending.register_jitable)
    return register(part)
