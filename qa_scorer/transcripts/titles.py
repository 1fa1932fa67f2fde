"""The agent that the name of a file or sheet, or a heading between rows, names: ``王晓云``, ``客服小美_10月聊天记录``, ``Ida Holm``."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from qa_scorer.late import late

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆"
    "范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷黎史龙陶贺顾毛郝龚邵万覃武钱戴莫孔汤温康施牛樊葛邢安齐易乔伍庞颜倪"
    "庄聂章鲁岳翟申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单裴霍涂成苗曲盛骆蓝路游辛柴管向鲍"
)
_GIVEN = late(
    rf"^(?:[{_SURNAMES}][一-鿿]{{1,2}}|(?:欧阳|司马|上官|诸葛|司徒|东方)[一-鿿]{{1,2}}|[小阿][一-鿿]{{1,2}})$"
)
_LATIN = late(r"^[A-Z][a-z]+(?: [A-Z][a-z'\-]+){1,2}$")
_CALLED = late(
    r"(?:客服|坐席|座席|顾问|导购|agent)(?:姓名|昵称|人员|名称|name)?\s*[-_:：\s]?\s*(?P<name>[^\s\-_:：()（）]{1,12})",
    re.IGNORECASE,
)
_NO_NAME = late(
    r"(聊天|会话|对话|沟通|通话|录音|消息|记录|明细|数据|内容|导出|汇总|列表|报表|统计|文件|文档|全部|详情|日志|转写|样例|示例|测试|质检|"
    r"服务|咨询|售前|售后|平台|渠道|店铺|工单|订单|客户|用户|访客|周报|日报|月报|年|月|日|周[一二三四五六日末]|[表单组部区版]$|"
    r"小(?:计|时|程序|红书|店|结|组|米|鹏)|先生|女士|小姐|管理|路由|金额|余额|安排|成交|成功|方案|高峰|单独|向导|包裹|关于|关闭|"
    r"万能|温馨|易购|安全|尚未|符合|毕业|成员|管家|游客|"
    r"\b(?:chat|log|logs|sheet|export|messages?|conversations?|transcripts?|reports?|data|history|records?|customers?|support|service|calls?|"
    r"january|february|march|april|may|june|july|august|september|october|november|december)\b)",
    re.IGNORECASE,
)  # fmt: skip
_BETWEEN = late(r"[_\-—–()（）\[\]【】·.,，、:：|/\d]+")
_ADDED = late(r"(?:的?(?:聊天|会话|对话|沟通|通话)?(?:记录|明细|数据|内容|日志))+$")


def title_of(part_name: str) -> str:
    """``a.zip/十月.xlsx[王晓云]`` -> ``王晓云``, ``exports/王晓云.csv`` -> ``王晓云``."""
    sheet = re.search(r"\[([^\[\]]+)\]$", part_name)
    name = PurePosixPath(part_name).name
    return sheet[1] if sheet else name.split(".")[0]


def agent_in_title(title: str) -> str | None:
    """The agent that a title names, or None where nothing in it is surely a person's name."""
    called = _CALLED.search(title)
    if called is not None:
        name = _ADDED.sub("", called["name"])
        if name and not name.isdigit() and not _NO_NAME.search(name):
            return name
    for piece in (title, *_BETWEEN.split(title), *_BETWEEN.sub(" ", title).split()):
        name = _ADDED.sub("", piece.strip())
        if (_GIVEN.match(name) or _LATIN.match(name)) and not _NO_NAME.search(name):
            return name
    return None
