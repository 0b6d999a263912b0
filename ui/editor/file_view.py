"""The file: the design as YAML text to read and change, to bring and to take along."""

import streamlit as st

from simulator.design import Design
from simulator.design_file import DesignProblem, fingerprint, read_design, write_design
from ui.form.editing import Editing

NOT_TEXT = "The file is not text in UTF-8. Save it as UTF-8 and load it again."


def file_view(editing: Editing) -> None:
    """The text of the design, which becomes the design when it is applied; a wrong one stays as it is typed."""
    text, key = write_design(editing.design), f"{editing.key}:{fingerprint(editing.design)}"
    with st.form(f"{key}:form", border=False):
        st.text_area("The design as YAML", value=text, height=420, key=f"{key}:text")
        st.form_submit_button(
            "Use this text",
            help="Or Ctrl+Enter in the text.",
            on_click=lambda: editing.replace(lambda _: read_design(st.session_state[f"{key}:text"]), forget=True),
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.download_button(
            "Download",
            text,
            file_name="design.yaml",
            mime="application/yaml",
            key=f"{editing.prefix}:download",
            on_click="ignore",
        )
    upload = f"{key}:upload"
    st.file_uploader(
        "Use a design file instead",
        type=["yaml", "yml", "json"],
        key=upload,
        on_change=lambda: editing.replace(lambda one: _uploaded(upload) or one, forget=True),
    )


def _uploaded(key: str) -> Design | None:
    file = st.session_state[key]
    if file is None:  # taken back
        return None
    try:
        return read_design(file.getvalue().decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DesignProblem([NOT_TEXT]) from error
