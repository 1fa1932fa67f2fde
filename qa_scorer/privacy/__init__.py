"""What is personal in a chat, and how it is kept out of what is written: masks and pseudonyms.

``Veil`` covers tables column by column; ``personal`` says what is hidden of a text. Rules judge the text as it was.
"""

from qa_scorer.privacy.masking import mask_text
from qa_scorer.privacy.pseudonyms import Pseudonyms, load_key
from qa_scorer.privacy.veil import Veil

__all__ = ["Pseudonyms", "Veil", "load_key", "mask_text"]
