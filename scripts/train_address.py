"""Learn the shipped address model from addresses that are made up here, and say how it reads new ones.

Writes src/chengshu/places/addresses.npz; run it as `python -m scripts.train_address`. No address of
anybody is in it: provinces and large cities are public names, towns are those of cities/nantong, and
the rest is put together from ordinary characters by `address_grammar.py`. Takes some minutes.
With `--dev FILE` it is measured on a file of tagged addresses, which is only read, never learnt from.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import numpy as np

from chengshu.app.measure.eval_address import counted, read_tagged
from chengshu.places import read_city
from chengshu.places.tagger import Table, Tagger
from chengshu.places.tagging.learning import Weights
from chengshu.places.tagging.scheme import Sentence
from scripts.address_grammar import Grammar

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "src/chengshu/places/addresses.npz"
_COUNT = 6_000
_TRIED = 2_000
_KEPT = (26_000, 26_000)  # codes of the first and the second reading that are shipped


def strongest(table: Table, count: int) -> Weights:
    """The codes whose weights say most."""
    kept = table.weights
    strength = np.abs(kept.rows).max(1)
    if len(strength) > count:
        at = np.sort(np.argsort(-strength, kind="stable")[:count])
        kept = Weights(kept.codes[at], kept.rows[at], kept.turns)
    return kept


def f1(tagger: Tagger, truth: list[Sentence]) -> float:
    """Entity F1."""
    counts = counted([s.spans for s in truth], tagger.tag_many([s.tokens for s in truth])).values()
    right, wanted, given = (sum(c[i] for c in counts) for i in range(3))
    return 2 * right / (wanted + given)


def main() -> None:
    """Make, learn, shorten, write, read again, try."""
    city = read_city(ROOT / "cities/nantong")
    taught = Grammar(city, Random(1)).addresses(_COUNT)
    new = Grammar(city, Random(2)).addresses(_TRIED)
    whole = Tagger.learnt(taught, say=print)
    assert whole.second is not None
    first, second = strongest(whole.first, _KEPT[0]), strongest(whole.second, _KEPT[1])
    Tagger.of(whole.scheme, first, second, whole.lexicon).write(TARGET)
    read = Tagger.read(TARGET)
    print(f"made-up addresses: {f1(whole, new):.3f}, as shipped {f1(read, new):.3f}")
    print(f"{TARGET.stat().st_size // 1024} KB")
    if "--dev" in sys.argv:
        truth = read_tagged(Path(sys.argv[sys.argv.index("--dev") + 1]))
        print(f"the file: {f1(whole, truth):.3f}, as shipped {f1(read, truth):.3f}")


if __name__ == "__main__":
    main()
