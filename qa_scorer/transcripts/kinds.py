"""What a message is: words, a picture, something withdrawn, an internal note or an event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.late import late
from qa_scorer.model.words import Kind, Role
from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.encoded import Coded
from qa_scorer.transcripts.textual import Texts

_TYPES: dict[str, Kind] = {
    name: kind
    for kind, names in {
        Kind.TEXT: """
            text txt 文本 文字 文本消息 message msg comment timtextelem text/plain text/html send markdown richtext
            富文本 quote 回复 reply question answer chat
        """,
        Kind.MEDIA: """
            image img picture pic photo voice audio video file emoji emotion face sticker gif link card location news
            miniprogram weapp 图片 图片消息 语音 语音消息 视频 视频消息 文件 表情 表情消息 链接 卡片 商品卡片 订单卡片
            商品链接 位置 名片 小程序 timimageelem timsoundelem timfaceelem timfileelem timvideofileelem timcustomelem
            attachment product order goods mixed redpacket collect docmsg meeting input_csat
        """,
        Kind.WITHDRAWN: """
            withdrawn withdraw 撤回 撤回消息 已撤回 deleted unsend
        """,
        Kind.NOTE: """
            note internal-note internalnote internal 备注 内部备注 内部消息 private whisper
        """,
        Kind.EVENT: """
            event system sys system_message 系统 系统消息 系统提示 notice notification activity transfer 转接 转接消息 join leave
            switch revoke recall assignment close open away_mode assign participant_joined participant_left chat_ended
            tip tips 提示 通知 评价 邀请评价 evaluate
        """,
    }.items()
    for name in names.split()
}
_AUTO_TYPES = {
    "autoreply",
    "auto_reply",
    "自动回复",
    "auto",
    "robot",
    "机器人",
    "bot",
    "bot_message",
    "quick_reply_auto",
}

CODED_TYPES: dict[str, dict[str, Kind]] = {
    "pdd": {
        "0": Kind.TEXT, "1": Kind.MEDIA, "5": Kind.MEDIA, "14": Kind.MEDIA, "24": Kind.EVENT, "31": Kind.EVENT,
        "1002": Kind.WITHDRAWN,
    },
    "wechat": {
        "1": Kind.TEXT, "3": Kind.MEDIA, "34": Kind.MEDIA, "42": Kind.MEDIA, "43": Kind.MEDIA, "47": Kind.MEDIA,
        "48": Kind.MEDIA, "49": Kind.MEDIA, "50": Kind.EVENT, "10000": Kind.EVENT, "10002": Kind.EVENT,
    },
}  # fmt: skip
"""Numbers in type columns, by platform."""

_PLACEHOLDER = (
    r"图片|表情|动画表情|动态表情|自定义表情|截图|语音|视频|文件|链接|位置|商品|商品链接|订单|卡片|名片|小程序|红包|转账|"
    r"image|img|picture|photo|emoji|sticker|voice|audio|video|file|link|attachment"
)
_MEDIA_TEXT = late(
    rf"^\s*(?:[\[【<(（](?:{_PLACEHOLDER})(?:消息)?(?:[:：][^\]】>)）]*)?[\]】>)）]\s*|#E-s\d+\s*|"
    r"https?://\S+\.(?:jpe?g|png|gif|webp|bmp|mp4|mp3|amr)(?:\?\S*)?\s*)+$",
    re.IGNORECASE,
)
_WITHDRAWN_TEXT = late(
    r"(撤回了?一条(?:消息|信息)|^\s*[\[【(（]?(?:此|该|本条)?(?:消息|信息)?已(?:被)?撤回[\]】)）]?[。.]?\s*$|"
    r"recalled a message|message (?:was )?deleted)",
    re.IGNORECASE,
)
_ROBOTS = r"自动回复|系统自动回复|机器人回复|智能回复|auto[\s\-]?reply"
_AUTO_TEXT = late(rf"^\s*[\[【(（<]?\s*(?:{_ROBOTS})\s*[\]】)）>:：]", re.IGNORECASE)


def kind_of_type(value: str, platform: str | None) -> Kind | None:
    """The kind that a value of a type column names, or None when it says nothing."""
    plain = value.strip().lower()
    if plain.endswith(".0"):
        plain = plain[:-2]
    if platform is not None and plain in CODED_TYPES[platform]:
        return CODED_TYPES[platform][plain]
    return _TYPES.get(plain)


def is_auto_type(value: str) -> bool:
    """Whether a value of a type column says that no person wrote the message."""
    return value.strip().lower() in _AUTO_TYPES


def is_auto_text(text: str) -> bool:
    """Whether the text says that no person wrote it (``[自动回复] …``)."""
    return bool(_AUTO_TEXT.match(text))


def kind_of_text(text: str) -> Kind | None:
    """The kind that the text of a message shows, or None."""
    if _MEDIA_TEXT.match(text):
        return Kind.MEDIA
    if len(text) < 60 and _WITHDRAWN_TEXT.search(text):
        return Kind.WITHDRAWN
    return None


_BEGINNINGS = (
    *(b"[", b"<", b"(", b"#", b"http", b" ", b"\t", b"\n", b"auto", b"Auto"),
    *(text.encode() for text in ("【", "（", "\u3000", "自动回复", "系统自动回复", "机器人回复", "智能回复")),
)
"""How placeholders and automatic replies begin; ``_LEADS`` are the first bytes of these."""
_LEADS = np.zeros(256, dtype=bool)
_LEADS[[beginning[0] for beginning in _BEGINNINGS]] = True
_SHOWS_KIND = rf"(?i)(?:^[\s\p{{Z}}]*(?:[\[【<(（][\s\p{{Z}}]*(?:{_PLACEHOLDER}|{_ROBOTS})|#E-s|https?://|(?:{_ROBOTS}))|撤回|recalled|deleted)"
"""What a text must hold for ``_MEDIA_TEXT``, ``_WITHDRAWN_TEXT`` or ``_AUTO_TEXT`` to find anything."""
_RATHER_SHORT = 400  # bytes; longer texts are neither a placeholder nor a notice
_NOTICES = {"撤回".encode(): 1, b"recalled a message": 7, b"deleted": 0}
_FLAG_YES = frozenset({"1", "1.0", "true", "是", "yes", "y"})
_FLAG_NO = frozenset({"0", "0.0", "false", "否", "no", "n"})
_NOTE_CHANNELS = frozenset({"internal-note", "internal_note", "note"})

Kinds = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class ShownKinds:
    """What texts show by themselves: ``rows`` (m,) and the kind of each, -1 where it is only ``auto``, a robot's reply."""

    rows: npt.NDArray[np.int64]
    kinds: Kinds
    auto: npt.NDArray[np.bool_]


def shown_kinds(text: Texts, leads: npt.NDArray[np.uint8]) -> ShownKinds:
    """The kinds that texts show. Only texts that begin like a placeholder or speak of withdrawing are looked at one by
    one. ``leads``: the first byte of each."""
    beginning = np.flatnonzero(_LEADS[leads] & (text.sizes < _RATHER_SHORT))
    suspects = np.union1d(text.begin_with(beginning, _BEGINNINGS), text.with_any(_NOTICES))
    values = text.array.take(pa.array(suspects)).dictionary_encode()
    likely = pc.match_substring_regex(values.dictionary, _SHOWS_KIND).to_numpy(zero_copy_only=False)
    kind_of, auto_of = np.full(len(likely), -1, dtype=np.int8), np.zeros(len(likely), dtype=bool)
    for place in np.flatnonzero(likely).tolist():
        value = values.dictionary[place].as_py()
        kind = kind_of_text(value)
        kind_of[place] = -1 if kind is None else kind
        auto_of[place] = is_auto_text(value)
    codes = values.indices.to_numpy()
    kinds, auto = kind_of[codes], auto_of[codes]
    telling = (kinds >= 0) | auto
    return ShownKinds(suspects[telling], kinds[telling], auto[telling])


def find_kinds(
    roles: npt.NDArray[np.int8],
    shown: ShownKinds,
    fields: Mapping[str, Coded],
    blank: npt.NDArray[np.int64],
    type_name: str | None,
) -> tuple[npt.NDArray[np.int8], Kinds]:
    """Roles (automatic replies become the bot's) and kinds of n rows. Flags win over types, types over the text.
    ``blank``: the rows without a text."""
    kinds = np.full(len(roles), -1, dtype=np.int8)
    auto = np.zeros(len(roles), dtype=bool)
    if f.TYPE in fields:
        types = fields[f.TYPE]
        values = types.texts()
        platform = _platform(type_name or "", values)
        named = [kind_of_type(value, platform) for value in values]
        kinds = np.array([-1 if kind is None else int(kind) for kind in named] + [-1], dtype=np.int8)[types.codes]
        auto = np.array([is_auto_type(value) for value in values] + [False], dtype=bool)[types.codes]
    untold = kinds[shown.rows] <= Kind.TEXT
    auto[shown.rows[untold & shown.auto]] = True
    seen = untold & (shown.kinds >= 0)
    kinds[shown.rows[seen]] = shown.kinds[seen]
    if f.MEDIA in fields:
        wordless = blank[(fields[f.MEDIA].codes[blank] >= 0) & (kinds[blank] <= Kind.TEXT)]
        kinds[wordless] = Kind.MEDIA
    for name, words, kind in (
        (f.CHANNEL, _NOTE_CHANNELS, Kind.NOTE),
        (f.PUBLIC, _FLAG_NO, Kind.NOTE),
        (f.PRIVATE, _FLAG_YES, Kind.NOTE),
        (f.WITHDRAWN, _FLAG_YES, Kind.WITHDRAWN),
    ):
        if name in fields:
            kinds = np.where(_flag(fields[name], words), np.int8(kind), kinds)
    kinds = np.where((kinds <= Kind.TEXT) & (roles == Role.SYSTEM), np.int8(Kind.EVENT), kinds)
    if f.AUTO in fields:
        auto |= _flag(fields[f.AUTO], _FLAG_YES)
    roles = np.where(kinds == Kind.EVENT, np.int8(Role.SYSTEM), roles)
    roles = np.where(auto & (roles == Role.AGENT), np.int8(Role.BOT), roles)
    return roles, np.maximum(kinds, np.int8(Kind.TEXT))


def _flag(column: Coded, values: frozenset[str]) -> npt.NDArray[np.bool_]:
    says = np.array([value.lower() in values for value in column.texts()] + [False], dtype=bool)
    return says[column.codes]


def _platform(column: str, values: Iterable[str]) -> str | None:
    """Which platform's numbers a type column holds, from its name and the numbers."""
    seen = {value.strip() for value in values if value}
    if not any(value.isdigit() for value in seen):
        return None
    if "10000" in seen or seen & {"3", "34", "43", "47", "49"}:
        return "wechat"
    if seen & {"1002", "24", "31"} or (("0" in seen and seen <= set(CODED_TYPES["pdd"])) and "message.type" in column):
        return "pdd"
    return None
