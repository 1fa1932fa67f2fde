"""What a customer has told so far, ready for comparison with what an agent says."""

from __future__ import annotations

from collections.abc import Sequence, Set
from functools import cached_property

from qa_scorer.checks.content import Content, Meaning, Mention, telling
from qa_scorer.checks.quantities import Quantity, derivable, follows

NOBODY = -1


class Told:
    """The contents of several messages, in order, each with its number in the batch: that is who told it. Few things are
    asked of them, so they are looked through when asked. ``tokens`` are those of all contents."""

    def __init__(self, messages: Sequence[tuple[int, Content]], tokens: Set[str]) -> None:
        self.messages = messages
        self._tokens = tokens

    @cached_property
    def quantities(self) -> list[tuple[Quantity, int]]:
        """Every told quantity, with the message that tells it."""
        return [(quantity, number) for number, content in self.messages for quantity in content.quantities]

    @cached_property
    def known(self) -> dict[str, set[float]]:
        """Values that follow from the told quantities."""
        return derivable([quantity for quantity, _ in self.quantities])

    def who_said(self, meaning: Meaning) -> int:
        """The first message that tells a word, negated or not as asked for; NOBODY when none does."""
        if meaning[0] not in self._tokens:
            return NOBODY
        for number, content in self.messages:
            if meaning in content.meanings:
                return number
        return NOBODY

    def share(self, mention: Mention, tokens: frozenset[str]) -> tuple[float, int]:
        """(how far the customer told the mention: 0–1, the message that told it or NOBODY).

        1 for the same word, synonym or quantity and for a word whose characters were all told (锅盖 for 锅的盖子); a half
        for the same word with the opposite negation and for a word half of whose characters were told (付款 for 付的钱).
        """
        if self._tokens.isdisjoint(tokens):
            return 0.0, NOBODY
        if mention.quantity is not None:
            if not follows(mention.quantity, self.known):
                return 0.0, NOBODY
            return 1.0, self.quantities[0][1] if self.quantities else NOBODY
        if (who := self.who_said(mention.meaning)) != NOBODY:
            return 1.0, who
        if (who := self.who_said((mention.word, not mention.negated))) != NOBODY:
            return 0.5, who
        chars = telling(mention.text)
        same = [who for char in chars if (who := self._who_wrote(char, mention.negated)) != NOBODY]
        if not same:
            return 0.0, NOBODY
        if len(chars) > 1 and all(
            self._who_wrote(char, False) != NOBODY or self._who_wrote(char, True) != NOBODY for char in chars
        ):
            return 1.0, same[0]
        return (0.5, same[0]) if 2 * len(same) >= len(chars) else (0.0, NOBODY)

    def _who_wrote(self, char: str, negated: bool) -> int:
        """The first message with the character in a word that is negated, or not."""
        if char not in self._tokens:
            return NOBODY
        for number, content in self.messages:
            if char in content.chars[negated]:
                return number
        return NOBODY
