"""Who speaks: roles from codes, words and account patterns, and the clean names of agents."""

from __future__ import annotations

import re
from collections.abc import Mapping

from qa_scorer.late import late
from qa_scorer.model.words import Role
from qa_scorer.transcripts.fields import FLAG_OF_AGENT, FLAG_OF_CUSTOMER, SIMPLER, plain_name

UNNAMED_AGENT = "客服"

_WORDS: dict[Role, str] = {
    Role.CUSTOMER: """
        客人 网友 业主 车主 家长
        用户 客户 买家 顾客 访客 会员 消费者 玩家 家长 学员 患者 乘客 user client customer buyer visitor guest contact
        lead enduser consumer human recvmsg recv receive received in inbound incoming 接收 收到 收 客 member requester
        外部联系人 外部用户 外部 external 呼入 来电 endcustomer
        u c v participantcustomer userchat 买家发送 用户发送 客户发送 客户消息 用户消息 访客消息 客户端 q 问
    """,
    Role.AGENT: """
        店员 店家 掌柜 管家 经理 老师 处理人
        客服 卖家 坐席 座席 人工 人工客服 商家 店小二 小二 顾问 导购 客服人员 服务人员 员工 agent staff seller mallcs
        service servicer waiter admin operator assistant gpt sendmsg send sent out outbound outgoing 发送 发出 发 服
        企业员工 内部员工 企业成员 内部成员 内部 internal 呼出 去电 helpdesk
        worker kf cs csr employee representative a kefu support teammate 卖家发送 客服发送 客服消息 人工消息 self 答
    """,
    Role.BOT: """
        机器人 智能客服 机器人客服 自动回复 服务助手 智能助手 bot robot agentbot chatbot ai aibot chatgpt virtualagent
        autoreply auto 机 智能机器人 ai客服 template 机器人消息 b virtualassistant app
    """,
    Role.SYSTEM: """
        系统 系统消息 系统提示 system sys event activity notification notice scheduler s 平台 系统通知 supervisor 提示
        通知
    """,
}
ROLE_WORDS: dict[str, Role] = {word: role for role, words in _WORDS.items() for word in words.split()}

_BINARY = {"1": Role.AGENT, "0": Role.CUSTOMER, "true": Role.AGENT, "false": Role.CUSTOMER, "是": Role.AGENT,
           "否": Role.CUSTOMER, "y": Role.AGENT, "n": Role.CUSTOMER, "yes": Role.AGENT, "no": Role.CUSTOMER,
           "2": Role.SYSTEM}  # fmt: skip
_INVERTED = {**_BINARY, "1": Role.CUSTOMER, "0": Role.AGENT, "true": Role.CUSTOMER, "false": Role.AGENT,
             "是": Role.CUSTOMER, "否": Role.AGENT, "y": Role.CUSTOMER, "n": Role.AGENT, "yes": Role.CUSTOMER,
             "no": Role.AGENT}  # fmt: skip
_ONE_TWO_THREE = {"1": Role.CUSTOMER, "2": Role.AGENT, "3": Role.SYSTEM, "4": Role.BOT}
_WEIXIN = {"2002": Role.AGENT, "2003": Role.CUSTOMER, "1000": Role.SYSTEM, "1001": Role.SYSTEM, "1002": Role.SYSTEM,
           "1003": Role.SYSTEM, "1004": Role.SYSTEM, "1005": Role.SYSTEM, "2001": Role.SYSTEM}  # fmt: skip
_CHATWOOT = {"0": Role.CUSTOMER, "1": Role.AGENT, "2": Role.SYSTEM, "3": Role.BOT}

_WITH_ROBOT = {"0": Role.CUSTOMER, "1": Role.BOT, "2": Role.AGENT, "3": Role.SYSTEM}
_TALKATIVE = 0.2  # share of the rows; a code 2 that says more than this is no system

_CODES_BY_COLUMN: tuple[tuple[re.Pattern[str], Mapping[str, Role]], ...] = (
    (late(r"^opercode$"), _WEIXIN),
    (late(r"^message_?type$"), _CHATWOOT),
    (late(r"^from$"), {**_INVERTED, "2": Role.AGENT}),
    (late(rf"inbound|incoming|{FLAG_OF_CUSTOMER.pattern}"), _INVERTED),
    (late(rf"waitersend|outbound|{FLAG_OF_AGENT.pattern}"), _BINARY),
)


def codes_of_column(name: str, shares: Mapping[str, float]) -> Mapping[str, Role]:
    """What the numbers in a role column mean, from the column's name and how often each value occurs (0–1).

    0 and 1 are customer and agent, a rare 2 the system; with a frequent 2 the robot is 1 and the agent 2. 1, 2 and 3 are
    customer, agent and system. Some columns' names say otherwise.
    """
    plain = plain_name(name).rsplit(".", 1)[-1] if name else ""
    for pattern, codes in _CODES_BY_COLUMN:
        if pattern.search(plain):
            return codes
    seen = {value for value in shares if value.isdigit()}
    if seen and "0" not in seen and not seen <= {"1"}:
        return _ONE_TWO_THREE
    return _WITH_ROBOT if shares.get("2", 0.0) > _TALKATIVE else _BINARY


_DIRECTION = late(r"\s*(?:->|=>|→|—>|＞|>>)\s*(?=\S)")


def role_of_word(value: str) -> Role | None:
    """The role that a word names (``买家``, ``mall_cs``, ``send_msg``), of ``客户->员工`` the first; None for other words."""
    value = _DIRECTION.split(value, maxsplit=1)[0]
    plain = re.sub(r"[\s_\-\"'()（）\[\]【】:：]+", "", value).lower().translate(SIMPLER)
    role = ROLE_WORDS.get(plain)
    if role is not None:
        return role
    if len(plain) <= 12 and not plain.isdigit():
        if re.search(r"(机器人|智能客服|服务助手|自动回复|chatbot|robot|agentbot|virtualagent)", plain):
            return Role.BOT
        if re.search(r"(系统|system)", plain):
            return Role.SYSTEM
        if re.search(r"客服|坐席|座席|卖家|人工|agent|seller|staff|^out(?:bound|going)", plain):
            return Role.AGENT
        if re.search(r"客户|买家|顾客|访客|用户|会员|customer|buyer|visitor|client|^in(?:bound|coming)", plain):
            return Role.CUSTOMER
    return None


def role_of_value(value: str, codes: Mapping[str, Role], given: Mapping[str, Role]) -> Role | None:
    """The role of one value of a role column: as the user said, else as a word, else as a code of the column."""
    trimmed = value.strip()
    if trimmed in given:
        return given[trimmed]
    if trimmed.endswith(".0") and trimmed[:-2].isdigit():
        trimmed = trimmed[:-2]
    return codes.get(trimmed.lower()) if trimmed.lower() in codes else role_of_word(trimmed)


_BOT_ACCOUNT = late(
    r"(服务助手|机器人|智能客服|智能助手|AgentBot|chatbot|robot|自动回复|店小蜜|阿里小蜜|小蜜|京小智|\bbot\b)",
    re.IGNORECASE,
)
_SYSTEM_ACCOUNT = late(r"^(系统|系统消息|系统提示|system|notification|平台通知|系统通知|微信团队)$", re.IGNORECASE)
_AGENT_ACCOUNT = late(
    r"(客服|售前|售后|旗舰店|专卖店|专营店|坐席|座席|顾问|导购|"
    r"^(?:shop|store|seller)[_\-]|(?:support|service|helpdesk)\b|^cn(taobao|jd|alichn).*[:：]|^kf\d*@|^agent[_\-]?\d*$|[^:：\s][:：][^:：\s]+$)",
    re.IGNORECASE,
)
_CUSTOMER_ACCOUNT = late(
    r"^(tb\d{4,}|jd_\w+|w[om][A-Za-z0-9_\-]{6,}|t_\d{6,}.*|\w\*{2,}\w*|(?:visitor|guest|buyer|customer)[\s_\-]?\w*|"
    r"访客.*|游客.*|客户\d*|买家\d*|用户\d*|顾客\d*|未登记/.*)$",
    re.IGNORECASE,
)
_SIDE = late(
    r"^(?:(?:speaker|spk|channel|ch|track|side|声道|说话人|发言人)?[\s_\-#]?[0-9A-D]|left|right|l|r|左|右|左声道|右声道)$",
    re.IGNORECASE,
)


def is_side(name: str) -> bool:
    """Whether a name only tells the sides of a recording apart (``0`` and ``1``, ``spk1``, ``left``)."""
    return bool(_SIDE.match(name.strip()))


_EXTERNAL = late(r"^w[om][A-Za-z0-9_\-]{6,}$")
_WECOM_BOT = late(r"^wb[A-Za-z0-9_\-]{6,}$")


def is_external(account: str) -> bool:
    """Whether a 企业微信 account is an external contact, that is a customer."""
    return bool(_EXTERNAL.match(account))


def role_of_account(name: str) -> Role | None:
    """What an account's name says about its owner (``某店:小美``, ``tb1234567``, ``服务助手``), or None."""
    bare = name.strip()
    if not bare:
        return None
    said = _ROLE_IN_BRACKETS.search(bare)
    if said is not None:
        return ROLE_WORDS[said["role"].lower()]
    word = ROLE_WORDS.get(re.sub(r"[\s_\-]+", "", bare).lower())
    if word is not None and len(bare) > 1:
        return word
    if _BOT_ACCOUNT.search(bare) or _WECOM_BOT.match(bare):
        return Role.BOT
    if _SYSTEM_ACCOUNT.match(bare):
        return Role.SYSTEM
    if _CUSTOMER_ACCOUNT.match(bare):
        return Role.CUSTOMER
    if _AGENT_ACCOUNT.search(bare):
        return Role.AGENT
    return None


_PLATFORM = late(r"^cn(?:taobao|jd|alichn|tmall|pdd)", re.IGNORECASE)
_ACCOUNT_NUMBER = late(r"\s*[(（<]\s*(?:\d{4,}|[^<>()（）\s]+@[^<>()（）\s]+)\s*[)）>]\s*$")
_ROLE_IN_BRACKETS = late(
    rf"(?<=\S)\s*[(（\[【]\s*(?P<role>{'|'.join(word for word in ROLE_WORDS if len(word) > 1)})\s*[)）\]】]\s*$",
    re.IGNORECASE,
)


_ROLE_AHEAD = late(
    r"^(?i:客服人员|客服|坐席|座席|人工客服|人工|商家|卖家|agent|staff|operator|support)\s*[-_—:：|/·]\s*"
    r"(?P<name>(?=.*(?:[a-z]|[^\W\d_A-Z])).{2,})$"
)
"""A role before a name (``客服-王芳``); a number or code (``客服-01``, ``客服-KQ7A``) keeps it, for it alone names nobody."""


def split_agent(name: str) -> tuple[str, str | None]:
    """An agent's account -> (name, shop or None): ``cntaobao某店:小美`` -> (``小美``, ``某店``)."""
    bare = clean_name(name)
    titled = _ROLE_AHEAD.match(bare)
    if titled is not None:
        return titled["name"], None
    shop, colon, person = bare.replace("：", ":").rpartition(":")
    if colon and person.strip() and shop.strip():
        return person.strip(), shop.strip()
    shop, dash, person = bare.rpartition("-")
    if dash and person.strip() and re.search(r"(店|商城|公司|自营)$", shop.strip()):
        return person.strip(), shop.strip()
    return bare, None


def clean_name(name: str) -> str:
    """A customer's name without the platform's prefix and an account number in brackets."""
    bare = name.strip()
    if not bare or (bare[-1] not in ")）>]】" and bare[:2].lower() != "cn"):
        return bare
    return _ROLE_IN_BRACKETS.sub("", _ACCOUNT_NUMBER.sub("", _PLATFORM.sub("", bare))).strip()
