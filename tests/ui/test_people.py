"""Who signs in sees and changes what is theirs; who has not signed in sees one button; nobody becomes somebody else."""

from pathlib import Path

import pytest
from streamlit import config

from practice.attempt import Edit
from storage.attempts import list_attempts, load_attempt, save_section, start_attempt
from tests.ui.screen import SLUG, Screen
from ui.people import LOCAL, people_sign_in

ISSUER = "https://id.example.org"
ANN, BOB = "oidc:https%3A%2F%2Fid.example.org:ann%3A1", "oidc:https%3A%2F%2Fid.example.org:bob"


def claims(subject: str, **more: object) -> dict[str, object]:
    return {"is_logged_in": True, "iss": ISSUER, "sub": subject, "name": "*Ann* <b>", **more}


def test_an_address_of_somebody_else_opens_nothing_and_shows_nothing() -> None:
    mine = start_attempt(ANN, SLUG)
    save_section(ANN, mine, "requirements", Edit(text="Ann's secret plan.", writer="w", sequence=1, base=0))
    ann = Screen(claims("ann:1")).open("review", attempt=mine)
    assert not ann.values("warning")
    bob = Screen(claims("bob"))
    for page in ("interview", "review", "wind_tunnel", "capacity", "history", "progress", "practice"):
        bob.open(page, attempt=mine)
        assert not bob.says("secret plan"), page
        if page in ("interview", "review"):
            assert bob.values("warning") == [
                "The address names an attempt that is not here. Your attempts are listed under History."
            ]
            assert "attempt" not in bob.at.query_params
    assert load_attempt(ANN, mine).section("requirements").text == "Ann's secret plan."
    assert (list_attempts(BOB), list_attempts(LOCAL)) == ([], [])
    bob.open("settings")
    assert bob.says("Signed in as *Ann* <b>.")
    assert not bob.at.get("download_button"), "no copy of everybody's rows"
    assert bob.at.markdown[0].value == "Signed in as \\*Ann\\* \\<b\\>."


@pytest.mark.parametrize(
    "user",
    [{}, {"is_logged_in": False}, {"is_logged_in": True, "sub": "ann:1"}, claims(""), claims("ann:1", is_logged_in=1)],
    ids=["nobody", "signed out", "no issuer", "no subject", "odd"],
)
def test_who_is_not_signed_in_sees_one_button_whatever_the_address(user: dict[str, object]) -> None:
    start_attempt(LOCAL, SLUG)
    screen = Screen(user)
    assert (screen.title, [one.label for one in screen.at.button]) == ("Windtunnel", ["Sign in"])
    screen.open("history")
    assert (screen.title, [one.label for one in screen.at.button]) == ("Windtunnel", ["Sign in"])
    screen.click("Sign in")
    assert screen.errors == [
        "Signing in is not set up completely. Whoever runs this server finds the cause in its log."
    ]


def test_secrets_that_cannot_be_read_make_nobody_the_local_person(tmp_path: Path) -> None:
    before = config.get_option("secrets.files")
    broken = tmp_path / "secrets.toml"
    assert not people_sign_in()
    try:
        config.set_option("secrets.files", [str(broken)])
        assert not people_sign_in()
        broken.write_text("[auth\nclient_id =", encoding="utf-8")
        assert people_sign_in()
    finally:
        config.set_option("secrets.files", before)
