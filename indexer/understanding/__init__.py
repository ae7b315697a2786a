"""What a question means, without any model: `question.understood` reads it, each other module finds one kind of thing.

`docs/search.md` says what is read and the one rule: a reading widens a part and never narrows one.
"""
