"""What words beside it give away in a folded text: messenger ids, passports, names of people; and licence plates.

``SIGNS`` tells in one look which texts may hold any of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from qa_scorer.late import late
from qa_scorer.privacy.addresses import HAN_NUMERALS
from qa_scorer.privacy.digits import HAN_DIGITS

_SEPARATED = r"(?:号码?|id|帐号|账号|名)?(?:[ :：]|是|为|我的|你的|您的){0,4}"
_WECHAT = late(
    rf"(?:微信|薇信|威信|v信|wechat|weixin|(?<![a-z])(?:vx|wx))({_SEPARATED})([a-z][a-z0-9_-]{{5,19}})(?![a-z0-9_@-])"
)
_QQ = late(rf"(?:(?<![a-z])q[q号]|扣扣|企鹅){_SEPARATED}([1-9][0-9]{{4,11}})(?![0-9@])")
_PASSPORT = late(r"(?:护照|通行证|回乡证|台胞证|passport)(?:[^a-z0-9\n]{0,8})([a-z]{1,2}[0-9]{6,10})(?![a-z0-9])")
_PLATE = late(
    r"(?<![a-z0-9])[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][a-hj-np-z][ ·.-]?"
    r"(?=[a-z0-9]*[0-9]{3})([a-hj-np-z0-9]{5}|[a-hjk][a-hj-np-z0-9][0-9]{4}|[0-9]{5}[a-hjk]|[a-hj-np-z0-9]{4}[挂学警港澳])"
    r"(?![a-z0-9])"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭"
    "陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向汤常温康施文牛樊葛邢安齐易"
    "乔伍庞颜倪庄聂章鲁岳翟申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷曲盛冉翁蓝路游辛靳管柴蒙鲍"
    "华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬"
    "师仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_COMPOUND = "欧阳|上官|司马|诸葛|夏侯|皇甫|尉迟|公孙|慕容|令狐|司徒|东方|独孤|南宫|长孙|宇文|端木"
_NAME = late(
    r"([收寄发]件人|收货人|联系人|姓名|户名|机主|持卡人|[投被]保人|被保险人|入住人|乘客|乘[车机]人|预?订票?人|我叫|名叫|名字[叫是]|本名)"
    r"(?:姓名|名字)?(?:[ :：]|是|为|叫|改成|换成){0,4}"
    rf"((?:{_COMPOUND}|[{_SURNAMES}])([\u4e00-\u9fff]{{1,2}}?))"
    r"(?=[^\u4e00-\u9fff]|电话|手机|联系|地址|身份证|工号|收件|收货)"
)
_I_AM = "我叫"
_STAFF = late(r"客服|专员|顾问|工号|导购|店长|为您服务|为您解答")
_TITLES = frozenset(["先生", "女士", "小姐", "同学", "老师", "师傅", "经理", "总", "姐", "哥", "某", "某某"])
_NO_NAMES = frozenset([
    "马上", "方便", "何时", "高兴", "安排", "全部", "成功", "时间", "时候", "应该", "单号", "路上",
    "项目", "关系", "查询", "明天", "包裹", "金额", "季度", "万一", "成都", "安全", "经常", "谢谢",
    "马上发", "常用的", "全名", "应用", "查一下", "时间段", "全称", "谷歌", "祝您",
])  # fmt: skip
"""Words that begin like a name; they follow a label where a question or an answer goes on."""
SIGNS = (
    r"(?:微信|薇信|威信|[vVＶ][信xXＸ]|[wW][xX]|[wW]e[cC]hat|[wW]eixin|[qQＱ][qQＱ号]|扣扣|企鹅|[护護]照|通行[证證]|回[乡鄉][证證]|"
    r"台胞[证證]|[pP]assport)[^\n]{0,8}?[0-9A-Za-z０-９]|"
    r"(?:我叫|名叫|姓名|名字|本名|[收寄发投被發]件?保?[险險]?人|收[货貨]人|[联聯][系繫]人|[户戶]名|机主|機主|持卡人|入住人|乘客|乘[车車机機]人|[订訂]票?人)"
    rf"[^，。\n]{{0,4}}?[{_SURNAMES}東張劉陳楊黃趙吳孫馬鄭許鄧馮蕭蔣餘葉魏蘇呂盧鍾陸範鄒韓賈湯龍萬錢嚴賴孔齊龔歐關遲]|"
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z][ ·.-]?[0-9A-Za-z]{4}|"
    rf"(?:[{HAN_DIGITS}][ .·-]?){{3}}|[路街巷道村区區园園寓厦苑庭湾城][^，。！？\n]{{0,16}}?(?:[{HAN_NUMERALS}A-Za-z]"
    r"[号號栋棟幢座单單室楼樓层層户戶弄]|[0-9]-[0-9]{1,3}-[0-9]{3})"
)
"""RE2, for texts as they were written."""


def labelled(text: str) -> Iterator[int]:
    """The places of the characters to hide: all but the first letter of a WeChat id, the last two digits of a QQ number,
    the first letter and last three digits of a passport, province, city and last two signs of a plate, the surname."""
    for found in _WECHAT.finditer(text):
        if found[1].strip() or not found[2].isalpha():  # 微信 wechat names the thing, not somebody's id
            yield from range(found.start(2) + 1, found.end(2))
    for found in _QQ.finditer(text):
        yield from range(found.start(1), found.end(1) - 2)
    for found in _PASSPORT.finditer(text):
        yield from range(found.start(1) + 1, found.end(1) - 3)
    for found in _PLATE.finditer(text):
        yield from range(found.start(1), found.end(1) - 2)
    for found in _NAME.finditer(text):
        if found[3] in _TITLES or found[2] in _NO_NAMES or (found[1] == _I_AM and _is_staff(text, found.start())):
            continue
        yield from range(*found.span(3))


def _is_staff(text: str, place: int) -> bool:
    """Whether who writes the line presents themselves as an agent, whose name the report tells anyway."""
    return _STAFF.search(text, text.rfind("\n", 0, place) + 1, text.find("\n", place)) is not None
