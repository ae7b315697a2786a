"""The Streamlit screens: thin pages over `search_ui.services`; `markup/` draws them, the address is their state."""
