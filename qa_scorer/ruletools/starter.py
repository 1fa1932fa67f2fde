"""What ``rules init`` writes: a small rule file that shows the language and passes its own tests."""

STARTER = """\
# 质检规则。检查: qa-scorer rules check rules.yaml    试跑: qa-scorer rules test rules.yaml
version: 1
name: 我的质检标准
extends: [builtin:base] # 内置标准的全部规则；去掉这一行就从零开始

lists:
  greeting+: [欢迎来到小店] # name+ 给内置词表添词；name 换掉整个词表
  store_promise: [包您满意, {regex: '假一赔(十|百)'}]

rules:
  - id: shop.promise # 唯一的名字，报告里会出现
    title: 店铺承诺
    dimension: compliance # 计入哪个维度
    check: forbid # require 必须说 · forbid 不能说 · follow 甲之后要有乙 · … 见 docs/rules.md
    where: {role: agent} # 看谁的话；可加 first: 1 turn、last: 3 messages
    any: [$store_promise, 绝对正品]
    except: [{negated: true}, {quoted: any}] # 否定或引用时不算
    deduct: 5 # 每次扣 5 分
    cap: 10 # 最多扣 10 分
    advice: 说可以核实的事实：“本店支持专柜验货。”
    tests: # 每条规则都带例子，改规则时一跑便知
      - {name: 包您满意, chat: "客: 好用吗\\n服: 包您满意", expect: fail}
      - {name: 换一种说法, chat: "客: 是正品吗\\n服: 绝对正品，假一赔十", expect: fail}
      - {name: 否定, chat: "客: 效果好吗\\n服: 效果因人而异，我们不说包您满意", expect: pass}
      - {name: 引用顾客的话, chat: "客: 不是说包您满意吗\\n服: 您说的“包您满意”是活动页的旧口号", expect: pass}
      - {name: 普通回答, chat: "客: 是正品吗\\n服: 是的，支持专柜验货", expect: pass}

overrides:
  - {rule: opening.greeting, points: 4, reason: 门店口径} # 改内置规则的分值
  - {rule: closing.rating_invitation, enabled: false, reason: 本店不邀请评价} # 停用一条规则
"""
