"""The role and the name of every row's speaker, from the role column, the sender and the names around them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qa_scorer.late import late
from qa_scorer.model.words import Role
from qa_scorer.transcripts.encoded import Coded, distinct
from qa_scorer.transcripts.roles import (
    clean_name,
    codes_of_column,
    is_side,
    role_of_account,
    role_of_value,
    split_agent,
)

UNKNOWN = -1
_SERVING = late(
    r"(欢迎光临|为您服务|为你服务|有什么可以帮|有什么需要帮|可以帮到?您|能帮到?您|how (?:can|may) i help)",
    re.IGNORECASE,
)


_SERVES = late(
    r"(您好|请问|为您|帮您|给您|请您|感谢您|抱歉|不好意思|您的|您这边|稍等|核实|工号|很高兴|"
    r"how (?:can|may) i|thank you for|i'?m sorry|your (?:order|account|name)|let me|i(?: can| will|'ll)|please|may i)",
    re.IGNORECASE,
)
"""How those speak who serve; customers say some of it now and then."""
_CLEARLY = 2.0  # how many times as often
_MOST_SIDES, _ENOUGH = 4, 5000

_clean = lru_cache(maxsize=65_536)(clean_name)
_account_role = lru_cache(maxsize=65_536)(role_of_account)


class Speakers:
    """Finds roles for one part; remembers across its tables who the customer of each conversation is."""

    def __init__(self, role_column: str | None, given: Mapping[str, Role]) -> None:
        self._role_column = role_column
        self._given = given
        self._customers: dict[str, str] = {}
        self._meaning: Mapping[str, Role] | None = None  # of codes, as the first table of the part shows it
        self._system_serves: bool | None = None
        self._sides: str | None = None  # which side of a recording is the agent's, "" where it is not clear
        self.notes: list[str] = []
        self.values: dict[str, Role | None] = {}

    def by_column(self, column: Coded) -> npt.NDArray[np.int8]:
        """Role of every row as the role column says it, UNKNOWN where it says nothing."""
        codes, values = column.codes, column.texts()
        if self._meaning is None:
            counts = np.bincount(codes[codes >= 0], minlength=len(values)) / max(1, len(codes))
            self._meaning = codes_of_column(self._role_column or "", dict(zip(values, counts.tolist(), strict=True)))
        meaning = self._meaning
        roles = [role_of_value(value, meaning, self._given) for value in values]
        if self._talks_to_system(roles, column):
            # Dialogue data sets call the one who serves "system"; without an agent nobody else could be.
            roles = [Role.AGENT if role is Role.SYSTEM else role for role in roles]
        self.values.update(zip(values, roles, strict=True))
        table = np.array([UNKNOWN if role is None else int(role) for role in roles] + [UNKNOWN], dtype=np.int8)
        return table[codes]

    def _talks_to_system(self, roles: list[Role | None], column: Coded) -> bool:
        """Whether the only party beside the customer is the "system", with a large share of the rows."""
        if self._system_serves is None and column.codes.size:
            system = [index for index, role in enumerate(roles) if role is Role.SYSTEM]
            share = np.isin(column.codes, system).mean() if system else 0.0
            self._system_serves = set(roles) == {Role.CUSTOMER, Role.SYSTEM} and bool(share > 0.3)
        return bool(self._system_serves)

    def by_names(
        self, roles: npt.NDArray[np.int8], sender: Coded, customer: Coded, agent: Coded
    ) -> npt.NDArray[np.int8]:
        """Fill the unknown roles from who sent the message and who takes part; robots among the agents become bots."""
        if not len(sender.values):
            return roles
        maybe_bots = ((roles == Role.AGENT) | (roles == UNKNOWN)) & (sender.codes >= 0)
        bots = np.zeros(len(sender.values) + 1, dtype=bool)
        serving = sender.used(maybe_bots)
        bots[serving] = [self._is_bot(name) for name in sender.values.take(pa.array(serving, pa.int32())).to_pylist()]
        if bots.any():
            roles = np.where(maybe_bots & bots[sender.codes], np.int8(Role.BOT), roles)
        open_rows = np.flatnonzero((roles == UNKNOWN) & (sender.codes >= 0))
        if not len(open_rows):
            return roles
        trio = np.zeros(len(open_rows), dtype=np.int64)
        for column in (sender, customer, agent):
            trio = trio * (len(column.values) + 1) + column.codes[open_rows] + 1
        _, inverse = distinct(trio)
        _, first = np.unique(inverse, return_index=True)
        rows = open_rows[first]
        people = (self._texts(column, rows) for column in (sender, customer, agent))
        found = np.array([self._resolve(*names) for names in zip(*people, strict=True)], dtype=np.int8)
        filled = roles.copy()
        filled[open_rows] = found[inverse]
        return filled

    @staticmethod
    def _texts(column: Coded, rows: npt.NDArray[np.int64]) -> list[str]:
        """The values of these rows, blank ones as empty text."""
        codes = column.codes[rows]
        texts: list[str] = column.values.take(pa.array(codes, mask=codes < 0)).fill_null("").to_pylist()
        return texts

    def _is_bot(self, name: str) -> bool:
        return name not in self._given and _account_role(name) is Role.BOT

    def _resolve(self, sender: str, customer: str, agent: str) -> int:
        if sender in self._given:
            return int(self._given[sender])
        clean = _clean(sender)
        if customer and clean == _clean(customer):
            return int(Role.CUSTOMER)
        if agent and (clean == _clean(agent) or split_agent(sender)[0] == split_agent(agent)[0]):
            return int(Role.AGENT)
        account = _account_role(sender)
        if account is not None:
            return int(account)
        if customer:
            return int(Role.AGENT)
        return int(Role.CUSTOMER) if agent else UNKNOWN

    def by_sides(self, roles: npt.NDArray[np.int8], sender: Coded, text: pa.Array) -> npt.NDArray[np.int8]:
        """The sides of a recording by their words: the agent's is the one that speaks as one who serves. Where neither
        does so clearly, it is said what to pass."""
        unknown = np.flatnonzero((roles == UNKNOWN) & (sender.codes >= 0))
        used = np.unique(sender.codes[unknown])
        names = [sender.values[int(code)].as_py() for code in used[:_MOST_SIDES]]
        if len(used) < 2 or len(used) > _MOST_SIDES or not all(map(is_side, names)):
            return roles
        if self._sides is None:
            texts = text.take(pa.array(unknown[:_ENOUGH])).to_pylist()
            serving = np.array([len(_SERVES.findall(said)) for said in texts], dtype=np.float64)
            codes = sender.codes[unknown[:_ENOUGH]]
            marks = sorted(
                (serving[codes == code].mean() if (codes == code).any() else 0.0, name)
                for code, name in zip(used, names, strict=True)
            )
            (second, _), (best, agent) = marks[-2:]
            self._sides = agent if best > _CLEARLY * second and serving.sum() > 1 else ""
            if not self._sides:
                told = " ".join(
                    f"--role {name}={role}" for name, role in zip(names, ("customer", "agent"), strict=False)
                )
                self.notes.append(f"which side is the agent's cannot be known; say it, for example {told}")
        if not self._sides:
            return roles
        table = np.full(len(sender.values) + 1, UNKNOWN, dtype=np.int8)
        table[used] = [Role.AGENT if name == self._sides else Role.CUSTOMER for name in names]
        return np.where(roles == UNKNOWN, table[sender.codes], roles)

    def by_order(self, roles: npt.NDArray[np.int8], keys: Coded, sender: Coded, text: pa.Array) -> npt.NDArray[np.int8]:
        """Last resort for named senders of unknown role: who serves several conversations or offers help is an agent;
        else the first unknown to speak is the customer, and who answers the customer an agent."""
        unknown = np.flatnonzero(roles == UNKNOWN)
        if not len(sender.values) or not len(unknown):
            return roles
        everywhere = np.arange(len(roles))
        names, ids, texts = self._texts(sender, everywhere), self._texts(keys, everywhere), text.to_pylist()
        for row in np.flatnonzero(roles == Role.CUSTOMER).tolist():
            self._customers.setdefault(ids[row], names[row])
        served: dict[str, set[str]] = defaultdict(set)
        serving: set[str] = set()
        for row in unknown.tolist():
            if names[row]:
                served[names[row]].add(ids[row])
                if _SERVING.search(texts[row]):
                    serving.add(names[row])
        if any(len(conversations) == 1 for conversations in served.values()):
            serving |= {name for name, conversations in served.items() if len(conversations) > 1}
        filled = roles.copy()
        for row in unknown.tolist():
            name = names[row]
            if not name:
                continue
            if name in serving:
                filled[row] = Role.AGENT
            else:
                is_customer = self._customers.setdefault(ids[row], name) == name
                filled[row] = Role.CUSTOMER if is_customer else Role.AGENT
        return filled
