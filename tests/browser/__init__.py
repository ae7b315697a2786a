"""The whole product in Chromium: a workspace of the samples, a server of its own, readers and staff at two widths, in two languages."""
