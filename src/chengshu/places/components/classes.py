"""Classes of components, and the words people use for them: a city's `components.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chengshu.places.city import CityFileError

FILE = "components.toml"
_CODE = re.compile(r"0[1-5]\d{2}")


@dataclass(frozen=True, slots=True)
class ComponentClass:
    """One class of components.

    Attributes:
        code: Four digits: two of the main class (01 公用设施, 02 交通设施, 03 市容环境, 04 园林绿化,
            05 其他部件, as GB/T 30428.2 divides them), two of the class within it.
        words: What people call it.
    """

    code: str
    name: str
    name_en: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All classes of a city by code, and things that are no components (word to English)."""

    classes: Mapping[str, ComponentClass]
    others: Mapping[str, str]


def read_classes(folder: Path) -> Catalogue:
    """Read a city's classes; none where it has no such file.

    Raises:
        CityFileError: The file is no TOML, or an entry is incomplete, repeated or has a wrong code.
    """
    path = folder / FILE
    if not path.is_file():
        return Catalogue({}, {})
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise CityFileError(FILE, None, f"not readable as TOML: {fault}") from None
    classes: dict[str, ComponentClass] = {}
    for number, entry in enumerate(table.get("class", []), 1):
        one = _class(number, entry)
        if one.code in classes:
            raise CityFileError(FILE, None, f"class {one.code} stands twice")
        classes[one.code] = one
    others = table.get("thing", {})
    if not isinstance(others, dict) or not all(isinstance(v, str) and k for k, v in others.items()):
        raise CityFileError(FILE, None, "[thing] holds words with their English names")
    return Catalogue(classes, others)


def _class(number: int, entry: Any) -> ComponentClass:
    try:
        code, name, english = entry["code"], entry["name"], entry["name_en"]
        words = tuple(str(w) for w in entry.get("words", ()))
    except (KeyError, TypeError, AttributeError) as lacks:
        raise CityFileError(FILE, None, f"class #{number} lacks {lacks}") from None
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise CityFileError(FILE, None, f"class #{number}: code {code!r} is not 0101 to 0599")
    if not all(isinstance(v, str) and v for v in (name, english, *words)):
        raise CityFileError(FILE, None, f"class {code}: name, name_en and words must be texts")
    return ComponentClass(code, name, english, words)
