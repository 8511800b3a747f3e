"""Typed door to fastaddress, the usaddress parser in Rust: same labels, seven times faster."""

# pyright: reportMissingTypeStubs=false, reportAttributeAccessIssue=false, reportUnknownMemberType=false

from __future__ import annotations

from typing import cast

import fastaddress


def labelled_tokens(address: str) -> list[tuple[str, str]]:
    """Tokens of ``address`` in their order, each with its usaddress label.

    Unlike ``usaddress.tag`` it accepts any text: a label that comes twice is the caller's to judge.
    """
    return cast("list[tuple[str, str]]", fastaddress.parse(address))
