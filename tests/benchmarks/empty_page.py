"""The Streamlit script of the empty page: an input and a line."""

import streamlit as st

said = st.text_input("Say something")
st.write(f"You said: {said}")
