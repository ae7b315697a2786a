"""The answer library: texts that staff write once, and what the desk has answered before."""
