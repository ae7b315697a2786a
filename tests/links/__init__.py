"""A labelled set for scored links: real records as two catalogues of the same holdings would have them."""
