"""The name that stands for each row's speaker, and the shop that an agent's name carries."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qa_scorer.model.words import Role
from qa_scorer.transcripts.encoded import Codes, Encoder
from qa_scorer.transcripts.roles import ROLE_WORDS, UNNAMED_AGENT, split_agent


def dictionary(codes: Codes, values: list[str]) -> pa.DictionaryArray:
    """Codes and values as an Arrow column; null where the code is -1."""
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=codes < 0), pa.array(values, pa.string()))


def speaker_names(
    roles: npt.NDArray[np.int8],
    encode: Encoder,
    sender: pa.Array | None,
    agent: pa.Array | None,
    customer: pa.Array | None,
) -> tuple[pa.DictionaryArray, pa.DictionaryArray]:
    """Names and shops, row by row. The sender is the name; where it is blank or only repeats the role (客服), the agent's or
    customer's column names the speaker; an agent nobody names is called 客服."""
    is_agent = roles == Role.AGENT
    serves = is_agent | (roles == Role.BOT)
    sender_codes, senders = encode(sender)
    agent_codes, agents = encode(agent)
    customer_codes, _ = encode(customer)
    names = list(encode.cleaned(sender))
    shops = [""] * (len(senders) + len(agents))
    for code in np.unique(sender_codes[serves & (sender_codes >= 0)]).tolist():
        names[code], shops[code] = _person(senders[code])
    for code, value in enumerate(agents):
        name, shops[len(senders) + code] = _person(value)
        names.append(name)
    names += [*encode.cleaned(customer), UNNAMED_AGENT, ""]
    nobody = len(names) - 1
    other = np.where(
        is_agent,
        np.where(agent_codes >= 0, agent_codes + len(senders), nobody),
        np.where((roles == Role.CUSTOMER) & (customer_codes >= 0), customer_codes + len(senders) + len(agents), nobody),
    )
    generic = np.array([value.strip().lower() in ROLE_WORDS for value in senders] + [True], dtype=bool)
    chosen = np.where(generic[sender_codes] & (other != nobody), other, sender_codes)
    chosen = np.where(chosen < 0, nobody, chosen)
    chosen = np.where(is_agent & (chosen == nobody), nobody - 1, chosen)
    shop_of = np.where(is_agent & (chosen < len(shops)), chosen, -1)
    carries = np.array([bool(shop) for shop in shops] + [False], dtype=bool)
    return dictionary(chosen, names), dictionary(np.where(carries[shop_of], shop_of, -1), shops)


def _person(account: str) -> tuple[str, str]:
    name, shop = split_agent(account)
    return name, shop or ""
