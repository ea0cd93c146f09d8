"""A dense view of passages beside the others, off unless an encoder is given.

The port is `chengshu.incidents.encoder.Encoder`: rows of numbers for texts given as words. What comes with the product
is latent semantic analysis, learnt from the passages themselves; a city that has a language model brings another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from chengshu.incidents.encoder import Encoder, LatentEncoder
from chengshu.incidents.features import cut
from chengshu.library.grams import Floats, unit

_AT_ONCE: Final = 512
_LEARNT_FROM: Final = 4_000  # passages, evenly over all


def latent(texts: Sequence[str], width: int = 128) -> Encoder:
    """An encoder learnt from passages without labels.

    Raises:
        ValueError: No word stands in two of them.
    """
    step = max(len(texts) // _LEARNT_FROM, 1)
    return LatentEncoder.learn([cut(text) for text in texts[::step]], width)


class Dense:
    """Passages as rows of an encoder."""

    def __init__(self, encoder: Encoder, texts: Sequence[str]) -> None:
        self._encoder = encoder
        parts = [np.zeros((0, encoder.width), np.float32)]
        for start in range(0, len(texts), _AT_ONCE):
            rows = encoder([cut(text) for text in texts[start : start + _AT_ONCE]])
            length = np.sqrt((rows * rows).sum(1, keepdims=True))
            parts.append(rows / np.maximum(length, 1e-9))
        self._rows = np.concatenate(parts)

    def scores(self, question: str) -> Floats:
        """Cosines with all passages, shape (passages,)."""
        row = unit(self._encoder([cut(question)])[0])
        return np.asarray(self._rows @ row, np.float32)
