"""What the people of units and desks write: replies, reasons, findings and answers."""

from __future__ import annotations

from random import Random
from typing import Final

_REPLIES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("垃圾 保洁 不洁 散落 玻璃 渣土 落叶 公厕",
     ("已派保洁班组到场，连同周边一并清理完毕，附近桶点加一次清运。",
      "机扫车与人工配合清了两遍，路面已恢复干净，班组长留守到收工。")),
    ("楼道 堆物 消防 通道 飞线 充电",
     ("会同社区、物业上门，杂物已由住户当面清走，通道恢复畅通，并入楼栋周查。",
      "现场劝导后完成清理，消防设施前已留出空间，一周内再回头看一次。")),
    ("油烟 异味 臭 扬尘 废气 废水 排污 水质 死鱼",
     ("执法人员到场查看并取样，责令当场整改，整改后复看已无明显异常。",
      "已约谈负责人，限时加装并清洗设施，监测结果出来后电话告知。")),
    ("噪 喇叭 广场舞 施工 装修",
     ("到场核实后要求调整作业时间，负责人签了承诺，夜间安排巡查两次。",
      "已劝导降低音量并约定时段，现场测值回落，后续由网格盯守。")),
    ("停车 占道 摊 交通 信号 公交 出租 电动车",
     ("执勤人员到场疏导，违停车辆已驶离，该路段纳入重点巡线。",
      "已完成处置，通行恢复，相关设施由养护单位补齐。")),
    ("井盖 路灯 坑 塌 路面 桥 护栏 积水 排水 树",
     ("抢修班组到场围护，更换修复完成，试用正常，围挡已撤。",
      "先设警示再维修，当天修好，现场垃圾随手清走。")),
    ("停水 停电 燃气 漏水 水管 电力 煤气 供暖 通信",
     ("抢修人员排查到故障点并修复，已恢复供应，回拨来电人确认正常。",
      "检测未见泄漏，更换老化部件后复测合格，已向住户交代注意事项。")),
    ("工资 欠薪 劳动 社保 合同",
     ("已约双方到场核对账目，用人单位写下支付时间，到期跟踪。",
      "调解员当日联系双方，达成分期支付意见，并告知法律途径。")),
    ("食品 餐饮 过期 收费 价格 消费 退款 预付",
     ("执法人员到店检查，问题商品已下架，经营者同意退款。",
      "组织双方调解，差额已退还，经营者被责令明码标价。")),
    ("电梯 物业 小区 业主 漏 房屋",
     ("约谈物业项目经理，维修人员当日到场处理完毕，已在楼道公示。",
      "社区、物业、住户三方见面，议定处理办法并按期完成。")),
    ("火 烟 困 坠 落水 中毒 爆 危险",
     ("力量到场处置完毕，人员安全，现场已移交属地看护。",
      "先行管控再排险，险情解除，周边已逐户告知。")),
    ("犬 狗 猫 蛇 蜂", ("已到场规范处置，向饲养人讲明规定，周边加贴提示。",)),
    ("邻 纠纷 吵 家暴", ("调解员上门听了两边的话，双方和解，网格员下周回访。",)),
    ("学校 幼儿园 校 教师", ("教育部门联系学校核实，已落实整改并向家长说明。",)),
    ("医院 医保 卫生 就诊", ("联系医疗机构核实处理，窗口已增加人手，并向来电人解释。",)),
    ("村 农 灌 种 田 河", ("镇村干部到场核查，协调机具处理完毕，已告知反映人。",)),
)  # fmt: skip
_PLAIN: Final = (
    "已到现场核实并处理完毕，与反映人联系说明了情况。",
    "核查属实，当日办结，后续纳入日常巡查。",
    "工作人员上门了解情况，问题已解决，反映人表示认可。",
)
_RETURNS: Final[tuple[tuple[str, str], ...]] = (
    ("not_my_matter", "经现场核对，该事项的主管部门不是我单位，建议转有执法权的部门办理。"),
    ("not_my_area", "现场位置在界线另一侧，不在我辖区，建议转相邻单位。"),
    ("not_my_power", "需要上级审批和执法权限，我单位没有处置手段，请改派。"),
)
_REJECTED: Final = (
    "到现场看，只处理了一半，请继续办理。",
    "照片位置与反映地点不符，请重新处理并拍照。",
    "反映人说晚上又出现了，请再去一次。",
)
_CONFIRMED: Final = (
    "现场查看，确已处理到位。",
    "已回访，反映人满意。",
    "照片与现场一致，核查通过。",
)
_URGES: Final = (
    "已过签收时限，请马上签收并安排人员。",
    "反映人再次来电催问，请加快办理。",
    "值班长提醒：今天内要有进展，请立即反馈。",
)
_ANSWERS: Final = (
    ("可在政务服务网线上办理，也可到就近的便民服务中心窗口，带上本人证件即可；需要的材料窗口可代为复印。",
     "政务服务办事指南（演示）"),
    ("该项政策长期有效，符合条件的可随时申请，受理后由属地窗口电话通知结果。", "政策问答库（演示）"),
    ("办公时间为工作日上午九点到下午五点半，法定节假日以公告为准，来前可电话预约。",
     "各单位公开信息（演示）"),
)  # fmt: skip
_PRAISE: Final = ("感谢您的肯定，已转告该单位和当事工作人员。", "表扬件办理办法（演示）")
_REFUSAL: Final = (
    "受理范围（演示）：已进入诉讼、仲裁的事项",
    "您反映的事项正在司法程序中办理，热线不再另行受理，请以承办机关的结果为准。",
)
_INSTRUCTIONS: Final = ("", "", "请尽快到场，处理后拍照反馈。", "请先联系反映人再到场。")


def reply_to(about: str, rng: Random) -> str:
    """What a unit writes back about something; the first row that shares a word decides.

    Args:
        about: Title and class, as the order shows them.
    """
    for words, replies in _REPLIES:
        if any(word in about for word in words.split()):
            return rng.choice(replies)
    return rng.choice(_PLAIN)


def a_return(rng: Random) -> tuple[str, str]:
    """The kind of reason and the words with which an order is handed back."""
    return rng.choice(_RETURNS)


def finding(ok: bool, rng: Random) -> str:
    """What somebody writes who went to see."""
    return rng.choice(_CONFIRMED if ok else _REJECTED)


def urge(rng: Random) -> str:
    """What a supervisor writes."""
    return rng.choice(_URGES)


def answer(nature: str, rng: Random) -> tuple[str, str]:
    """A direct answer and its source."""
    return _PRAISE if nature == "praise" else rng.choice(_ANSWERS)


def refusal() -> tuple[str, str]:
    """A rule and the notice."""
    return _REFUSAL


def instruction(rng: Random) -> str:
    """What a dispatcher adds to an order; mostly nothing."""
    return rng.choice(_INSTRUCTIONS)
