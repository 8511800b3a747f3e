"""The key under which two spellings of one door are the same stop."""

from __future__ import annotations

import polars as pl

from crossdock.locate.address.pub28 import KEY_WORDS


def key_line(line1: pl.Expr) -> pl.Expr:
    """Standard street line with every known word in its shortest form, wherever it stands.

    ``653 WEST SHORE RD`` and ``653 W SHORE ROAD`` become the same text, so that a join does not
    hang on which part of the street the parser took for a direction.
    """
    words = line1.str.split(" ").list.eval(
        pl.element().replace(list(KEY_WORDS), list(KEY_WORDS.values()))
    )
    return words.list.join(" ")


def address_key(line1: pl.Expr, kind: pl.Expr, zip5: pl.Expr) -> pl.Expr:
    """Key of a stop: `key_line` and ZIP; boxes of one ZIP share the post office's counter."""
    line = pl.when(kind == "box").then(pl.lit("POST OFFICE")).otherwise(key_line(line1))
    return pl.concat_str(line, zip5, separator="|")
