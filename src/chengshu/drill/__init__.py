"""Drill 演练: a seeded synthetic city whose people report what happens, with known truth.

It knows the city's areas and nothing of the product: no vocabulary, rule or parameter is
shared, so that what is measured on it was not built into it. All places below the township,
all persons, numbers, firms and messages are invented.
"""

from chengshu.drill.components import write_components
from chengshu.drill.grids import GridPost, Grids, build_grids
from chengshu.drill.happenings import Happening, happenings
from chengshu.drill.kinds import Kind, KindError, Variant, half_of, read_kind, read_kinds
from chengshu.drill.scenes import SCENES, Expected, Scene, Step
from chengshu.drill.sites import Site, build_sites
from chengshu.drill.telling import Told, tell
from chengshu.drill.truth import (
    Reported,
    Truth,
    reports,
    truth_of,
    write_csv,
    write_sites,
)

__all__ = [
    "SCENES",
    "Expected",
    "GridPost",
    "Grids",
    "Happening",
    "Kind",
    "KindError",
    "Reported",
    "Scene",
    "Site",
    "Step",
    "Told",
    "Truth",
    "Variant",
    "build_grids",
    "build_sites",
    "half_of",
    "happenings",
    "read_kind",
    "read_kinds",
    "reports",
    "tell",
    "truth_of",
    "write_components",
    "write_csv",
    "write_sites",
]
