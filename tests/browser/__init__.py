"""The whole product in Chromium: the samples, a server, readers and staff at two widths and in two languages."""
