"""What leaves this machine, and how the pages look."""

import streamlit as st

from ui.people import people_sign_in


def leaving() -> None:
    """What is sent, to whom and when."""
    st.subheader("What leaves this machine", anchor=False)
    accounts = "Your account is the identity provider's" if people_sign_in() else "There are no accounts"
    st.markdown(
        f"Nothing, unless you ask for it. {accounts}, and there are no statistics and no fonts or scripts from "
        "elsewhere.\n"
        "- If you ask a model for its opinion, the text of that answer goes to the endpoint that you chose, with the "
        "key. The page says so before, with what it takes.\n"
        "- A shared link of the wind tunnel holds the design itself, for whoever you send it to.\n"
        "- Files, reports and backups are made here and go to your downloads.\n"
        "- Your browser keeps a text until the server has saved it, and no longer."
    )


def theme() -> None:
    """Light or dark is the browser's and the menu's choice."""
    st.subheader("Light or dark", anchor=False)
    st.markdown("As your system has it. On a wide screen the menu at the top right has a choice of its own.")
