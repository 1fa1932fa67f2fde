"""The name that stands for each row's speaker, and the shop that an agent's name carries."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.model.words import Role
from qa_scorer.transcripts.encoded import Coded, Codes
from qa_scorer.transcripts.roles import ROLE_WORDS, UNNAMED_AGENT, is_side, split_agent

_LONGEST_SIDE = 12  # characters
_ROLE_WORDS = pa.array(sorted(ROLE_WORDS), pa.string())


def speaker_names(roles: npt.NDArray[np.int8], sender: Coded, agent: Coded, customer: Coded) -> tuple[Coded, Coded]:
    """Names and shops, row by row. The sender is the name; where it is blank or only repeats the role (客服), the agent's or
    customer's column names the speaker; an agent nobody names is called 客服."""
    is_agent = roles == Role.AGENT
    serving = sender.used((is_agent | (roles == Role.BOT)) & (sender.codes >= 0))
    people = [
        split_agent(name) for name in [*agent.texts(), *sender.values.take(pa.array(serving, pa.int32())).to_pylist()]
    ]
    names = [
        pa.array([name for name, _ in people], pa.string()), customer.cleaned(), sender.cleaned(),
        pa.array([UNNAMED_AGENT, ""], pa.string()),
    ]  # fmt: skip
    customers = len(people)
    senders = customers + len(customer.values)
    nobody = senders + len(sender.values) + 1
    other = np.where(roles == Role.CUSTOMER, _placed(customer.codes, customers, nobody), np.int32(nobody))
    other = np.where(is_agent, _placed(agent.codes, 0, nobody - 1), other)
    own = np.arange(senders, nobody, dtype=np.int32)
    own[serving] = np.arange(len(agent.values), customers)
    named = sender.codes >= 0
    if named.any():
        generic = np.append(_only_roles(sender), True)
        chosen = np.where(named & ~(generic[sender.codes] & (other < nobody - 1)), own[sender.codes], other)
    else:
        chosen = other
    shops = pa.array([shop or "" for _, shop in people], pa.string())
    carries = np.append(pc.not_equal(shops, "").to_numpy(zero_copy_only=False), False)
    keeper = np.where(is_agent & (chosen < customers), chosen, np.int32(-1))
    return Coded(chosen, pa.concat_arrays(names)), Coded(np.where(carries[keeper], keeper, np.int32(-1)), shops)


def _placed(codes: Codes, start: int, instead: int) -> Codes:
    return np.where(codes >= 0, codes + np.int32(start), np.int32(instead))


def _only_roles(sender: Coded) -> npt.NDArray[np.bool_]:
    """Which of the values are words like 客服 that name a role, or a side of a recording, and no person."""
    words = pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(sender.values)), _ROLE_WORDS)
    found: npt.NDArray[np.bool_] = words.to_numpy(zero_copy_only=False)
    short = pc.less_equal(pc.utf8_length(sender.values), _LONGEST_SIDE).to_numpy(zero_copy_only=False) & ~found
    sides = np.flatnonzero(short)
    found = found.copy()
    found[sides] = [is_side(name) for name in sender.values.take(pa.array(sides)).to_pylist()]
    return found
