"""The thematic corner: themes as data, what their forms ask, their pages, packs and data."""
