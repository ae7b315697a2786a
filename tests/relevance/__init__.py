"""How good the order of hits is: cases with a story, judged sets, and what the last accepted run had."""
