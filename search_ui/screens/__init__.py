"""The Streamlit screens: thin pages over `search_ui.services`; what they show is built in `markup/*.html`, their state is the address."""
