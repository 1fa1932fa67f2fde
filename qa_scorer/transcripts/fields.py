"""The fields that a column can hold, and the names that exports give them.

``match_name`` says how well a column's name fits each field. The names come from public documentation of many
platforms; parts of names (``客服`` + anything, anything + ``时间``) reach the platforms that nobody has seen yet.
"""

from __future__ import annotations

import re
from functools import lru_cache

from qa_scorer.late import late

CONVERSATION, AGENT, GROUP, CUSTOMER = "conversation", "agent", "group", "customer"
ROLE, SENDER, RECEIVER = "role", "sender", "receiver"
TIME, DATE, TEXT, TYPE = "time", "date", "text", "type"
MESSAGE_ID, CSAT, RESOLVED, CHANNEL = "message_id", "csat", "resolved", "channel"
OFFSET, STARTED = "offset", "started"  # seconds since the start, and the start, of transcripts in one cell
PUBLIC, PRIVATE, WITHDRAWN, AUTO, MEDIA = "public", "private", "withdrawn", "auto", "media"

NAMES: dict[str, tuple[str, ...]] = {
    field: tuple(names.split())
    for field, names in {
        CONVERSATION: """
            conversationid 会话id 会话编号 会话号 会话 会话标识 会话流水号 关联会话id 对话id 对话编号 咨询id 咨询编号
            服务单号 工单号 工单id 工单编号 sessionid session sid cid convid conv conversation dialogid dialogueid
            imsubsessionid subsessionid ticketid ticket chatid contactid threadid caseid casenumber 会话序号 talkid
            consultid roomid interactionid chat 群名称 群聊名称 群id 群聊id 会话标识
        """,
        AGENT: """
            agent 客服 客服姓名 客服昵称 客服名称 客服名 客服账号 客服帐号 客服id 客服子账号 子账号 子帐号 卖家昵称
            卖家子账号 接待客服 接待人 接待人员 最后接待客服 服务客服 坐席 座席 坐席姓名 座席姓名 坐席工号 客服工号
            工号 客服人员 agentname agentnickname agentnick agentid staffname staffid staff waiter waiterid
            servicestaffid worker kfname kfaccount kf ownername ownerid owner operator operatorname assignee
            assigneename servicer sellerid seller sellersubnick csr csrname representative user.agent 顾问 员工
            员工姓名 salesman csname
            处理人 处理人员 受理人 跟进人 经办人 店员 服务人员 接线员 servicename 企业成员 接待员工 员工名称 员工昵称
        """,
        GROUP: """
            group 店铺 店铺名称 店铺名 子账号分组 所在组织架构 客服组 客服分组 技能组 部门 团队 shopid shop shopname
            sellernick store storename team teamname department queue skillgroup groupname 商家 商家名称
        """,
        CUSTOMER: """
            customer 客户 客户id 客户名称 客户昵称 客户姓名 客户账号 买家昵称 买家 买家id 买家账号 顾客 顾客昵称
            顾客账号 顾客id 用户 用户昵称 用户id 用户名 用户账号 访客 访客昵称 访客名称 访客id 会员 会员名 会员昵称
            customername customerid customernick buyernick buyer buyerid buyername cnick user userid usernick username
            visitor visitorname visitorid openid client clientname clientinfo.name visitor.name customerpin pin
            contact contactname requester requesterid talkerid talker guest guestname 消费者 消费者昵称 咨询人
        """,
        ROLE: """
            role 动作 角色 发送方 发送方类型 发送者类型 发送人类型 发送者角色 发送人角色 发言人角色 消息方向 方向 收发
            收发类型 消息来源 发言方 身份 说话人 sendertype senderrole from.role usertype direction waitersend incoming outgoing
            issender issend isagent fromagent author.type sender.type inbound outbound messagetype participantrole
            fromaccountrole opercode from from.type speaker speakerrole speakertype authortype authorrole author.role
            sender.role fromtype fromrole sendtype sender.t 是否客服 是否客服发送 isservice iscustomer fromcustomer
            isvisitor isinbound isoutbound isincoming isoutgoing isfromcustomer actortype actor.type party 消息发送方 发言角色 msgfrom owner.type sendertypename
        """,
        SENDER: """
            sender fromusername fromnickname fromdisplayname 昵称 发送人 发送者 发送者昵称 发送人昵称 发送者名称 发送人姓名 发送账号 发言人 发信人 发件人
            sendernick sendername nickname displayname fromuser fromaccount fromnick fromname from.name author
            authorname author.name sender.name sender.n sender.nick from realname fromid authorid author.id sender.id
            senderid from.id from.uid from.nick name nick speaker speakername 发送id 发送昵称 participantid 消息发送人 消息发送者
            说话人 发言者 对话人 聊天人 messagefrom account actorname actor.name actorid actor.id
        """,
        RECEIVER: """
            receiver 接收人 接收者 接收方 收信人 tolist to to.uid to.id to.nick toaccount touser receivernick
            receivername toname tonick recipient
        """,
        TIME: """
            time 消息时间 发送时间 会话时间 聊天时间 发言时间 客户端时间 服务器时间 创建时间 消息发送时间 记录时间
            时间 时间戳 ts timestamp datetime createdat createdtime createtime createddatetime msgtime messagetime
            sendtime sentat senttime sentdatetime createdate createddate strtime absolutetime date datetimestr
            msgtimestamp eventtime 会话开始时间 开始时间 starttime startedat 日期时间 sendat gmtcreate occurredat
            postedat times t
            begintime begin starttimems startms beginms offset offsetms offsetseconds startoffset start startsec bg 开始 起始 起始时间 开始毫秒
        """,
        DATE: """
            date 日期 消息日期 会话日期 ds dt day statdate 统计日期 发送日期 聊天日期
        """,
        TEXT: """
            text 消息内容 讯息内容 讯息 内容 聊天内容 聊天记录 会话记录 会话内容 会话详情 对话内容 对话记录 对话 对话详情 发送内容
            发言内容 消息文本 文本 文本内容 消息 消息正文 正文 沟通内容 沟通记录 content content.text content.summary
            msg message messages messagecontent messagetext msgcontent msgtext messagebody body plainbody bodytext
            sendcontent strcontent utterance transcript text.content data.text payload.text message.text
            message.content body.text content.content msgbody.msgcontent.text chat say said 话语 chatlog chatcontent value sentence
            dialog dialogue query 话术 comment chattext chathistory
        """,
        TYPE: """
            type 消息类型 内容类型 contenttype msgtype messagetype kind subtype parttype msgbody.msgtype mediatype
            msgcontenttype eventtype 消息类别
        """,
        MESSAGE_ID: """
            msgid messageid 消息id 消息编号 id uuid msguuid localid msgsvrid seqid 消息唯一标识 commentid msgkey
            消息标识
        """,
        CSAT: """
            csat 满意度评分 满意度 评价 评分 评价结果 满意度评价 客户评价 服务评价 score rating degree evaluation
            evaluate 评价等级 satisfaction satisfactionscore conversationrating.rating conversationrating stars
            surveyscore 评价星级 星级 满意度得分
        """,
        RESOLVED: """
            resolved 是否已解决 是否解决 解决状态 solved solveoption issolved isresolved 问题是否解决 是否解决问题
            resolution resolvestatus
        """,
        CHANNEL: """
            channel 渠道 会话通路 来源渠道 会话渠道 接入渠道 渠道来源 via via.channel platform 平台 来源平台 来源
            channeltype channelname
        """,
        PUBLIC: """
            public ispublic 是否公开
        """,
        PRIVATE: """
            private isprivate internal isinternal isnote 是否内部 内部备注 内部消息 是否内部消息
        """,
        WITHDRAWN: """
            withdrawn revokeflag isrevoke isrevoked recalled isrecall 是否撤回 撤回 撤回状态 revoked
        """,
        AUTO: """
            auto isauto autoreply isautoreply 自动回复 是否自动回复 是否自动 是否机器人 isrobot isbot 机器人消息
        """,
        MEDIA: """
            media imgurl imageurl 图片 图片链接 附件 attachment fileurl picurl mediaurl picture
        """,
    }.items()
}
"""Field -> names, the surest first. Written as ``plain_name`` returns them."""

FIELDS: tuple[str, ...] = tuple(NAMES)

_WHETHER = r"^(?:is|from|isfrom|sentby|issentby|byis|whether|是否|是否为|是否是|是否由)"
FLAG_OF_AGENT = late(
    rf"{_WHETHER}(?:waiter|send|sender|agent|outbound|outgoing|service|servicer|staff|self|me|mine|seller|operator|employee|kf|"
    r"admin|support|sent|客服|坐席|座席|商家|卖家|员工|店家|本人|自己|人工|发送|发出)(?:发送|发出|消息|message|msg)?$"
)
"""Columns of yes and no that say whether the agent wrote."""
FLAG_OF_CUSTOMER = late(
    rf"{_WHETHER}(?:inbound|incoming|customer|visitor|user|buyer|guest|client|member|received|客户|买家|访客|用户|顾客|会员|对方|接收)"
    r"(?:发送|发出|消息|message|msg)?$"
)
"""Columns of yes and no that say whether the customer wrote."""

_NO_PERSON = r"^(?!.*(?:内容|正文|文本|消息|时间|时刻|日期|类型|content|text|body|message|time|date|type)$)"
_LEAF = r"(?:nick|real|display|full|user)?(?:name|nick|id|uid|account|昵称|姓名|名称)$"
_PARTS: tuple[tuple[str, re.Pattern[str], float], ...] = tuple(
    (name, late(pattern), score)
    for name, pattern, score in (
        (
            CONVERSATION,
            r"(会话|对话|咨询|通话|录音|session|conversation|conv|dialog|chat|ticket|case|call|interaction|工单)"
            r".*(id|编号|编码|单号|流水|序号|号|no|number|key)$",
            0.75,
        ),
        (
            ROLE,
            r"(发送|发言|说话|对话人|消息|sender|from|author|speaker|user|participant|actor)"
            r".*(类型|类别|角色|身份|方向|role|type|purpose|party)$",
            0.75,
        ),
        (ROLE, FLAG_OF_AGENT.pattern, 0.9),
        (ROLE, FLAG_OF_CUSTOMER.pattern, 0.9),
        (ROLE, r"(角色|身份|direction|role)", 0.6),
        (
            AGENT,
            rf"{_NO_PERSON}(?!.*(?:组|部门|队列|店铺|group|team)$).*(客服|坐席|座席|接待|顾问|导购|卖家|员工|成员|agent|staff|waiter|worker|servicer|seller|operator|assignee|kf)",
            0.6,
        ),
        (
            CUSTOMER,
            rf"{_NO_PERSON}(?!from|sender|author|speaker|actor|to[^a-z]|receiver|发送|发言|说话|接收)"
            r".*(客户|顾客|买家|访客|用户|会员|消费者|customer|buyer|visitor|client|guest|member|openid|user)",
            0.55,
        ),
        # Below an object that says whose it is, a plain name or id is that person's: cs.nickName, buyer.id.
        (AGENT, rf"(?:^|\.)(?:cs|csr|kf|kefu|agent|staff|seller|waiter|servicer|operator|assignee|客服|坐席|卖家)\.{_LEAF}", 0.7),
        (CUSTOMER, rf"(?:^|\.)(?:customer|buyer|visitor|client|guest|user|requester|contact|客户|买家|访客|用户)\.{_LEAF}", 0.7),
        (SENDER, rf"{_NO_PERSON}.*(发送|发言|说话|发信|sender|from|author|speaker|actor)", 0.55),
        (RECEIVER, r"(接收|收信|receiver|recipient|^to)", 0.5),
        (GROUP, r"(组$|组别|小组|队列|店铺|门店|商家|分组|技能组|部门|组织|团队|shop|store|team|department|skill|queue|group)", 0.5),
        (TIME, r"(时间|时刻|time|timestamp|(created|sent|posted)(at|on|date))", 0.55),
        (DATE, r"(日期|date)$", 0.45),
        (TEXT, r"(内容|记录|正文|文本|话语|content|text|body|message|utterance|transcript|dialog)", 0.5),
        (TYPE, r"(消息|内容|msg|message|content).*(类型|type)$", 0.7),
        (MESSAGE_ID, r"(消息|msg|message).*(id|编号|标识|号|key)$", 0.75),
        (CSAT, r"(满意度|评价|评分|星级|csat|satisf|rating)", 0.5),
        (RESOLVED, r"(解决|solved|resolved)", 0.5),
        (CHANNEL, r"(渠道|通路|平台|channel|platform)", 0.5),
        (WITHDRAWN, r"(撤回|revoke|recall)", 0.5),
        (AUTO, r"(自动回复|autoreply)", 0.5),
        (MEDIA, r"(图片|附件|image|img|attachment|picture|media).*(url|链接|地址)?$", 0.4),
    )
)  # fmt: skip

_NEVER = late(
    r"(^users$|^participants$|^members$|时长|备注|关键词|机器人提示|状态|次数|条数|消息数|字数|数量|总数|耗时|等待|排队|标签|主题|摘要|结束时间|首次响应|平均|占比|比例|结束方式|接入方式|"
    r"发起方|导出|duration|remark|keyword|status|count|cost|wait|latency|tag|closedat|endtime|endtm|endedat|updated|"
    r"modified|revoketime|exporttime|撤回时间|满意度标签|评价标签|评价内容|评价时间|会话类型|topic)"
)
"""Names that resemble a field and are none: lengths of time, remarks, counters, and what a robot only proposed."""

SIMPLER = str.maketrans(
    "話編號戶發送時間訊內容員訪記錄單會議買賣詢標識題類別聯絡對談滿評價聲顧資訊師專線機統業務處諮來訂頻檔圖聯繫復覆應說講聽",
    "话编号户发送时间讯内容员访记录单会议买卖询标识题类别联络对谈满评价声顾资讯师专线机统业务处咨来订频档图联系复复应说讲听",
)
"""Traditional characters of column names and role words -> simplified."""

_SUFFIX = late(r"[(（\[【][^()（）\[\]【】]*[)）\]】]\s*$")


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A column's name without BOM, blanks, case, ``_ - /`` and a unit in brackets such as ``(秒)``."""
    bare = name.replace("﻿", "").strip()
    shorter = _SUFFIX.sub("", bare).strip()
    return re.sub(r"[\s_\-/'\"*:：]+", "", shorter or bare).lower().translate(SIMPLER)


@lru_cache(maxsize=4096)
def match_name(name: str) -> dict[str, float]:
    """Field -> how well the name fits, 0–1; fields that do not fit at all are left out."""
    plain = plain_name(name)
    scores = dict(_match_plain(plain))
    parts = plain.split(".")
    # In message.from.role the end says who speaks, but each part that is left out makes it less sure.
    for start in range(1, len(parts)):
        trust = 0.95 if start < len(parts) - 1 else 0.7
        for field, score in _match_plain(".".join(parts[start:])).items():
            scores[field] = max(scores.get(field, 0.0), score * trust)
    return scores


@lru_cache(maxsize=4096)
def _match_plain(plain: str) -> dict[str, float]:
    scores: dict[str, float] = {}
    joined = plain.replace(".", "")
    for field, names in NAMES.items():
        if plain in names or joined in names:
            place = names.index(plain if plain in names else joined)
            scores[field] = 1.0 - 0.3 * place / len(names)
    if _NEVER.search(plain) and not scores:
        return {}
    for field, pattern, score in _PARTS:
        if field not in scores and pattern.search(plain):
            scores[field] = max(score, scores.get(field, 0.0))
    return scores
