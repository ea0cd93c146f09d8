"""Identifiers grow, and threads never share one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from chengshu.kit.ids import new_id


def test_grow_and_fit() -> None:
    ids = [new_id() for _ in range(20_000)]
    assert ids == sorted(set(ids))
    assert 0 < ids[0] < ids[-1] < 2**63


def test_threads_never_share_one() -> None:
    with ThreadPoolExecutor(8) as pool:
        batches = pool.map(lambda _: [new_id() for _ in range(2_000)], range(16))
    ids = [i for batch in batches for i in batch]
    assert len(set(ids)) == len(ids)
