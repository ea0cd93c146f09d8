"""A template of joint command that is wrong is refused with its file and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from chengshu.agencies.matters import read_matters
from chengshu.dispatch.joint.template import read_templates
from chengshu.kit.errors import CannotStart
from tests.conftest import ROOT

CITY = ROOT / "cities/nantong"
WAGES = (CITY / "joint/wage_dispute.toml").read_text("utf-8")


def test_the_citys_own_templates_can_be_read() -> None:
    found = read_templates(CITY, read_matters(CITY / "matters.toml"))
    assert [s.code for s in found["wage_dispute"].strands] == ["wages", "contract"]
    assert len(found["wage_dispute"].parts) == 6


@pytest.mark.parametrize(("was", "now", "said"), [
    ('matters = ["labour.wages"]', 'matters = ["nothing"]', "unknown matters: nothing"),
    ('strand = "contract"', 'strand = "other"', "unknown strands: other"),
    ('sign = "1 hours"', 'sign = "0 hours"', "is no time"),
    ('code = "contract"', 'code = "wages"', "each once"),
    ('tier = "county"', 'tier = "village"', "village"),
])  # fmt: skip
def test_a_wrong_one_is_refused(tmp_path: Path, was: str, now: str, said: str) -> None:
    (tmp_path / "joint").mkdir()
    (tmp_path / "joint/wrong.toml").write_text(WAGES.replace(was, now), "utf-8")
    with pytest.raises(CannotStart) as refused:
        read_templates(tmp_path, read_matters(CITY / "matters.toml"))
    assert "joint/wrong.toml" in refused.value.english
    assert said in refused.value.english
