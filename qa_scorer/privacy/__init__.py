"""What is personal in a chat, and how it is kept out of what is written: masks and pseudonyms.

``Veil`` covers tables column by column; ``personal`` says what is hidden of a text. Rules judge the text as it was.
"""
