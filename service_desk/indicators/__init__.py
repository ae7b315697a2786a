"""How the desk does: numbers that follow from the events of requests and from ratings, each with its definition and the
cases it was counted from. Nothing of it is typed in.
"""
