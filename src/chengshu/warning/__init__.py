"""Early warning: weak streams weighed, fused and explained, before anyone complains (风险预警).

Rules only so far: readings in, warnings with reasons out. What is measured is in docs/warning.md.
"""

from chengshu.warning.explain import Explanation, Without
from chengshu.warning.model import Readings, Stream, StreamKind
from chengshu.warning.watch import Watched, watch

__all__ = ["Explanation", "Readings", "Stream", "StreamKind", "Watched", "Without", "watch"]
