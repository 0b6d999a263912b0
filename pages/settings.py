"""What can be set, where the data lies, and what leaves this machine."""

import streamlit as st

from ui import shell
from ui.settings.data import data
from ui.settings.leaving import leaving, theme
from ui.settings.model import model
from ui.settings.rounds import rounds
from ui.sign_in import account

shell.ensure()

st.title("Settings", anchor=False)
account()
rounds()
model()
data()
leaving()
theme()
