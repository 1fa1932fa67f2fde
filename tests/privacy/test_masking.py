"""What is masked in a text and what stays readable."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_scorer.privacy.masking import mask, mask_names
from tests.privacy import planted


def masked(*texts: str | None) -> list[str | None]:
    return list(mask(pa.array(texts, pa.string()))[0].to_pylist())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我的电话13812345678，麻烦了", "我的电话138****5678，麻烦了"),
        ("１３８－１２３４－５６７８", "１３８－****－５６７８"),
        ("138 1234 5678", "138 **** 5678"),
        ("1 3 8 1 2 3 4 5 6 7 8", "1 3 8 * * * * 5 6 7 8"),
        ("138\u200b12345678", "138\u200b****5678"),
        ("+86 139-0000-2741", "+86 139-****-2741"),
        ("8613900002741", "86139****2741"),
        ("tb13900002741", "tb139****2741"),
        ("13900002741 15900002741", "139****2741 159****2741"),
        ("0571-88886666", "0571-****6666"),
        ("(010)8765 4321", "(010)**** 4321"),
        ("02087654321", "020****4321"),
        ("座机：8888666", "座机：***8666"),
        ("身份证11010119900307123X", "身份证110***********123X"),
        ("sfz110101199003071233好", "sfz110***********1233好"),
        ("110101 19900307 1233", "110*** ******** 1233"),
        ("110105 19491231 002X", "110*** ******** 002X"),
        ("110101900307123", "110********7123"),
        ("6222020000004173", "************4173"),
        ("6222 0200 0000 4173", "**** **** **** 4173"),
        ("378282246310005", "***********0005"),
        ("卡号：6222020000004174", "卡号：************4174"),
        ("alice@mail.163.com", "a****@****.***.com"),
        ("bob.li＠example.com.cn", "b**.**＠*******.***.cn"),
        ("a@b.cn", "*@*.cn"),
        ("寄到浙江省杭州市西湖区文三路138号东方花园3栋2单元501室", "寄到浙江省杭州市***********************"),
        ("住在云溪市南桥区梧桐路26号5栋301室", "住在云溪市***************"),
        ("江苏省徐州市沛縣大屯鎮王莊村12號", "江苏省徐州市***********"),
        ("寄件人住在梧桐苑5栋301室", "寄件人住在*********"),
        ("北京市朝阳区建国路甲88号时代中心A座1203室", "北京市*********************"),
        ("杭州市西湖区文三路一百三十八号三单元五零一室", "杭州市*******************"),
        ("地址：临江区幸福家园8-1-1102", "地址：********-*-****"),
        ("送到云溪市南桥区学府街512号2-3-401", "送到云溪市***********-*-***"),
        ("加我微信xiaomei_88聊", "加我微信x*********聊"),
        ("我的微信号是 abcdefg，QQ：1234567890", "我的微信号是 a******，QQ：********90"),
        ("VX：Lily2020", "VX：L*******"),
        ("护照号E12345678", "护照号E*****678"),
        ("通行证C1234567890", "通行证C*******890"),
        ("车牌浙A12345和粤B·D12345", "车牌浙A***45和粤B·****45"),
        ("幺三八零零幺三八零零零", "幺三八****八零零零"),
        ("138零零一三8000", "138****8000"),
        ("卡号：六二二二零二零零零零零零四一七三", "卡号：************四一七三"),
        ("收件人：张三丰 电话13812345678", "收件人：张** 电话138****5678"),
        ("收件人改成欧阳小云，电话不变", "收件人改成欧阳**，电话不变"),
        ("我叫王磊，麻烦查一下", "我叫王*，麻烦查一下"),
    ],
)
def test_personal_data_is_masked(text: str, shown: str) -> None:
    """A page that is passed on shows nobody's number, and the reader still sees what kind of number it was."""
    assert masked(text) == [shown]


@pytest.mark.parametrize(
    "text",
    [
        "订单号6222020000004173",
        "订单编号：2187465820184659912，378282246310005",
        "6222020000004173这个订单",
        "快递单号：7730000000264586，SF1234567890123",
        "会话号 af1370b39f3af13800138000f3963",
        "2187465820184659911",
        "客服热线400-123-4567或95588",
        "2026-10-03 12:00:00",
        "199 299 399 499",
        "发到上海，3号仓发货，11月3号发",
        "北京市朝阳区3号仓",
        "文三路138号",
        "@小美 在吗",
        "138****5678",
        "我看了近三个月，您平均用9.6GB、通话80分钟",
        "微信支付可以吗，微信wechat都行，微信 android版",
        "QQ群88888888，QQ邮箱",
        "新iPhone6和新款S24",
        "您好，我叫小美，工号1023",
        "您好，我叫李娜，很高兴为您服务",
        "姓名方便提供吗，收货人姓名和电话发一下",
        "联系人王先生，姓名:王女士",
        "请您提供手机号码，姓名，谢谢",
        "收件人和收件地址",
        "一共一万三千八百元，二零二六年一月三号，一二三四五六七八九",
        "六楼没电梯，一层一层搬，第三组数据有误",
        "满300减50，10号截止，5层加厚，路由器2号",
        "价格12345.67，尾号5678，订单号尾数4659911",
    ],
)
def test_what_is_nobodys_stays_readable(text: str) -> None:
    """An inspector still sees which order, which parcel and which day a chat is about."""
    assert masked(text) == [text]


def test_nulls_empty_texts_and_slices_keep_their_rows() -> None:
    texts = pa.array(["13900002741", None, "", "好", "15900002741"])
    assert mask(texts)[0].to_pylist() == ["139****2741", None, "", "好", "159****2741"]
    assert mask(texts.slice(3))[0].to_pylist() == ["好", "159****2741"]
    assert mask(texts.slice(1, 2))[0].to_pylist() == [None, ""]
    assert mask(pa.array([], pa.string()))[0].to_pylist() == []


def test_a_label_does_not_reach_into_the_next_message() -> None:
    assert masked("订单号", "6222020000004173") == ["订单号", "************4173"]


def test_long_accounts_and_ids_are_no_numbers_of_persons() -> None:
    """A session id of a platform leads back to the chat; one in sixteen would look like a card."""
    names = pa.array(["6222020000004173", "20261003-138", "2026-10-03 / 13900002741", "x@example.com"])
    assert mask_names(names)[0].to_pylist() == [
        "6222020000004173", "20261003-138", "2026-10-03 / 139****2741", "*@*******.com",
    ]  # fmt: skip


@given(st.lists(st.tuples(planted.words, planted.personal, planted.words), min_size=1, max_size=4))
def test_nothing_planted_survives_and_every_other_character_stays(texts: list[tuple[str, str, str]]) -> None:
    shown = masked(*("".join(parts) for parts in texts))
    for (before, secret, after), text in zip(texts, shown, strict=True):
        assert text is not None
        assert len(text) == len(before) + len(secret) + len(after)
        assert text.startswith(before)
        assert text.endswith(after)
        assert secret not in text
        assert text.count("*") >= 3


@given(st.text("0123456789*-. @abx卡号订单省市区路栋室１２微信q收件人张王一三八京A座", max_size=60))
def test_masking_twice_is_masking_once(text: str) -> None:
    """An export that was handed on masked does not lose more when it is scored."""
    once = masked(text)
    assert masked(*once) == once


@pytest.mark.parametrize("text", ["1 " * 50_000, "a" * 100_000 + "@", "1-" * 50_000 + "x", "市区路3号" * 20_000])
def test_hostile_texts_do_not_hang(text: str) -> None:
    assert len(masked(text)[0] or "") == len(text)
