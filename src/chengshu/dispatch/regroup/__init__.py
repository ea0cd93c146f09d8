"""Merging and splitting by a person, and the way back.

A merge moves the other incident's reports under the leading one; one side's orders lead. A split
gives reports an incident of their own. Both keep how things stood before, so that they can be
taken back exactly; the whole history stays.
"""

from chengshu.dispatch.regroup.lessons import refused
from chengshu.dispatch.regroup.merging import hold, merge
from chengshu.dispatch.regroup.planning import Kept
from chengshu.dispatch.regroup.splitting import split
from chengshu.dispatch.regroup.undoing import look, undo

__all__ = ["Kept", "hold", "look", "merge", "refused", "split", "undo"]
