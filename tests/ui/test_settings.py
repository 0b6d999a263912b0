"""The settings page: rounds, a model for this session, copies of the data, and deletion that is real."""

from pathlib import Path

from storage.attempts import list_attempts, start_attempt
from storage.whole import back_up
from tests.ui.screen import SLUG, Screen
from ui.people import LOCAL


def test_settings_are_kept_and_change_what_they_are_about(screen: Screen, attempt: str, tmp_path: Path) -> None:
    screen.open("settings")
    assert screen.says("1 attempt in one file of")
    assert str(tmp_path) in screen.at.code[0].value
    assert screen.says("Requirements 6 min") or screen.says("Requirements")
    before = [one.value for one in screen.at.markdown if "min" in one.value]
    screen.set("selectbox", "Minutes of a round", 60)
    assert [one.value for one in screen.at.markdown if "min" in one.value] != before
    weights = screen.at.table[0].value
    screen.set("selectbox", "Profile", "infrastructure")
    assert not screen.at.table[0].value.equals(weights)
    screen.set("text_input", "Model", "a-model")
    screen.open("questions").open("settings")
    assert screen.field("selectbox", "Minutes of a round").value == 60
    assert screen.field("selectbox", "Profile").value == "infrastructure"
    assert screen.field("text_input", "Model").value == "a-model"
    screen.open("interview", question=SLUG)
    assert screen.field("radio", "Profile").value == "infrastructure", "a new round begins with it"
    assert screen.says("60 minutes")
    screen.open("settings")
    assert screen.at.session_state["model_settings"]["model"] == "a-model", "where the review page looks"
    assert "a-model" not in b"".join(one.read_bytes() for one in tmp_path.iterdir()).decode("latin1")


def test_a_backup_comes_back_and_a_wrong_file_is_a_sentence(screen: Screen, attempt: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    back_up(copy)
    start_attempt(LOCAL, SLUG)
    screen.open("settings")
    assert [one.label for one in screen.at.get("download_button")] == ["Back up everything"]
    [field] = screen.at.get("file_uploader")
    field.set_value(("x.db", b"no database", "application/octet-stream"))
    screen.run()
    screen.click("Restore it")
    assert screen.errors == ["The file is not a backup; choose a file that Backup has made"]
    [field] = screen.at.get("file_uploader")
    field.set_value(("copy.db", copy.read_bytes(), "application/octet-stream"))
    screen.run()
    screen.click("Restore it")
    assert screen.values("success") == ["Restored: 1 attempt."]
    assert [one.id for one in list_attempts(LOCAL)] == [attempt]


def test_deleting_needs_the_word_and_takes_only_my_own(screen: Screen, attempt: str) -> None:
    theirs = start_attempt("somebody else", SLUG)
    screen.open("settings", attempt=attempt)
    screen.click("Delete everything of mine")
    assert screen.errors == ["Nothing was deleted: the field does not say delete."]
    assert len(list_attempts(LOCAL)) == 1
    screen.field("text_input", "Type delete to make sure").set_value("Delete")
    screen.click("Delete everything of mine")
    assert screen.values("success") == ["Everything of yours is gone."]
    assert list_attempts(LOCAL) == []
    assert [one.id for one in list_attempts("somebody else")] == [theirs]
