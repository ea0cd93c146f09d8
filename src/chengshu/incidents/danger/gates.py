"""Which characters a pattern cannot do without: most patterns need not be tried on most texts.

A text holds a match only if it holds at least one character of each gate of the pattern.
"""

from __future__ import annotations

import re
from re import _constants as op
from re import _parser as parser
from typing import Any

Gates = tuple[frozenset[str], ...]
_MOST = 3


def gates(pattern: re.Pattern[str]) -> Gates:
    """Sets of characters of which a text that matches holds one each; none where nothing is sure.

    Examples:
        >>> [sorted(gate) for gate in gates(re.compile("(?:水|河).{0,3}人"))]
        [['人'], ['水', '河']]
    """
    return tuple(sorted(_needs(parser.parse(pattern.pattern)), key=len)[:_MOST])


def _needs(parts: Any) -> list[frozenset[str]]:
    found: list[frozenset[str]] = []
    for what, detail in parts:
        if what is op.LITERAL:
            found.append(frozenset(chr(detail)))
        elif what is op.IN:
            found += _any_of(detail)
        elif what is op.SUBPATTERN:
            found += _needs(detail[3])
        elif what in (op.MAX_REPEAT, op.MIN_REPEAT) and detail[0] > 0:
            found += _needs(detail[2])
        elif what is op.BRANCH:
            found += _of_either([_needs(branch) for branch in detail[1]])
    return found


def _any_of(choices: Any) -> list[frozenset[str]]:
    if all(what is op.LITERAL for what, _ in choices):
        return [frozenset(chr(detail) for _, detail in choices)]
    return []


def _of_either(branches: list[list[frozenset[str]]]) -> list[frozenset[str]]:
    """One character of each branch is needed; both of both where the branches are one thing turned about."""
    ordered = [sorted(branch, key=len) for branch in branches]
    depth = min(len(branch) for branch in ordered)
    return [frozenset().union(*(branch[k] for branch in ordered)) for k in range(depth)]
