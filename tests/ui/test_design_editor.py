"""The design editor on the interview page: what is possible is saved, what is not is said, and nothing is lost."""

import pytest

from practice.clock import ClockEvent
from practice.scenario_runs import starting_design
from simulator import edits
from simulator.catalogue import entries_for
from simulator.design import Design, Service
from simulator.design_file import read_design, write_design
from storage.attempts import add_event, load_attempt, save_design
from tests.ui.screen import SLUG, Screen
from ui.cached import questions
from ui.diagram import WRONG
from ui.editor.file_view import NOT_TEXT
from ui.editor.palette import NOBODY, REQUESTS
from ui.figures import origins, source_line
from ui.people import LOCAL


def shop() -> Design:
    """The starting design, with `api` asking `db`, a store."""
    return edits.add_call(edits.add(starting_design(questions()[SLUG]), "store", "db"), "api", "db")


class Editor:
    """The editor of one attempt on the screen, and the design in the database."""

    def __init__(self, attempt: str, design: Design):
        self.attempt = attempt
        save_design(LOCAL, attempt, design)
        add_event(LOCAL, attempt, ClockEvent(at=1.0, kind="enter", phase="high_level_design"))
        self.screen = Screen().open("interview", attempt=attempt)

    @property
    def saved(self) -> Design:
        design = load_attempt(LOCAL, self.attempt).design
        assert design is not None
        return design

    def choose(self, name: str) -> None:
        [parts] = [one for one in self.screen.at.button_group if one.key.endswith(":chosen")]
        parts.set_value(name)
        self.screen.run()

    def add(self, kind: str, name: str, before: list[str] | None = None, caller: str | None = NOBODY) -> None:
        """Add a component; with `caller` None by whom the editor proposes."""
        self.screen.set("radio", "Kind", kind)
        self.screen.set("text_input", "Name", name)
        if before is not None:
            self.screen.set("multiselect", "In front of", before)
        if caller is not None and kind != "load_balancer":
            self.screen.set("selectbox", "Called by", caller)
        self.screen.click("Add")

    def show(self, view: str) -> None:
        self.screen.at.session_state[f"design:{self.attempt}:views"] = view
        self.screen.run()

    @property
    def text(self) -> str:
        return str(self.screen.field("text_area", "The design as YAML").value)

    def use_text(self, text: str) -> None:
        self.show("File")
        self.screen.field("text_area", "The design as YAML").set_value(text)
        self.screen.click("Use this text")


@pytest.fixture
def editor(attempt: str) -> Editor:
    return Editor(attempt, shop())


@pytest.mark.parametrize("kind", ["service", "store", "model_server", "llm_server", "stream"])
def test_an_added_component_is_saved_chosen_and_said_to_be_unreached(editor: Editor, kind: str) -> None:
    editor.add(kind, "Big Thing")
    assert editor.saved == edits.add(shop(), kind, "big_thing")
    assert editor.screen.has("button", "Remove")
    assert editor.screen.says("No request comes to big_thing yet. Choose who calls it.")


def test_a_component_without_a_name_gets_one_that_is_free(editor: Editor) -> None:
    editor.add("service", " ")
    editor.add("service", "")
    assert list(editor.saved.components) == ["api", "db", "service_1", "service_2"]


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("store", "db", "components.db is there already; choose another name"),
        ("store", "1st-db", "1st-db"),
        ("store", "<b>x</b>", "<b>x</b>"),
        ("cache", "near", "components.near is a cache; choose what it stands in front of"),
    ],
)
def test_a_component_that_cannot_be_added_is_refused_with_a_sentence(
    editor: Editor, kind: str, name: str, said: str
) -> None:
    editor.add(kind, name, [] if kind == "cache" else None)
    assert any(said in error for error in editor.screen.errors), editor.screen.errors
    assert editor.saved == shop()
    assert editor.screen.field("text_input", "Name").value == name


def test_a_cache_asks_what_it_stands_in_front_of(editor: Editor) -> None:
    editor.add("cache", "near", ["db"])
    assert editor.saved == edits.add(shop(), "cache", "near", ("db",))


def test_a_new_name_reaches_every_mention(editor: Editor) -> None:
    editor.screen.set("text_input", "Name of this service", "Front End")
    assert editor.saved == edits.rename(shop(), "api", "front_end")
    assert editor.screen.field("text_input", "Name of this service").value == "front_end"


@pytest.mark.parametrize("typed", ["db", "", "9 lives", "\u00e4", "a.b"])
def test_a_name_that_is_taken_or_no_name_is_refused_with_a_sentence(editor: Editor, typed: str) -> None:
    editor.screen.set("text_input", "Name of this service", typed)
    assert editor.screen.errors
    assert editor.saved == shop()


def test_removing_a_component_that_is_called_takes_the_call_along_and_undo_brings_both_back(editor: Editor) -> None:
    editor.choose("db")
    editor.screen.click("Remove")
    assert editor.saved == edits.remove(shop(), "db")
    editor.screen.click("Undo")
    assert editor.saved == shop()
    editor.screen.click("Redo")
    assert editor.saved == edits.remove(shop(), "db")


def test_what_a_cache_alone_stands_in_front_of_cannot_be_removed_and_the_sentence_says_what_to_do(
    attempt: str,
) -> None:
    design = edits.add(shop(), "cache", "near", ("db",))
    editor = Editor(attempt, design)
    editor.choose("db")
    editor.screen.click("Remove")
    assert editor.screen.errors == ["components.near stands only in front of db; remove near first"]
    assert editor.saved == design


def test_the_entry_offers_no_removal(editor: Editor) -> None:
    assert editor.screen.says("Requests enter here")
    assert not editor.screen.has("button", "Remove")


def test_a_call_that_closes_a_cycle_is_refused_with_a_sentence(attempt: str) -> None:
    design = edits.add_call(edits.add(starting_design(questions()[SLUG]), "service", "back"), "api", "back")
    editor = Editor(attempt, design)
    editor.choose("back")
    editor.screen.field("selectbox", "Call").set_value("api")
    editor.screen.click("Add as next step")
    [said] = editor.screen.errors
    assert "api" in said
    assert "back" in said
    assert editor.saved == design


def test_a_number_in_a_field_is_saved_and_survives_a_reload(editor: Editor, attempt: str) -> None:
    editor.screen.set("number_input", "Replicas", 7)
    api = editor.saved.components["api"]
    assert isinstance(api, Service)
    assert api.replicas == 7
    assert Screen().open("interview", attempt=attempt).field("number_input", "Replicas").value == 7


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("arrival_rate_per_s: 1390", "arrival_rate_per_s: -5", "traffic.arrival_rate_per_s is -5"),
        ("replicas: 4", "replicas: 0", "components.api.replicas is 0"),
        ("kind: store", "kind: zeppelin", "zeppelin"),
        ("to: db", "to: dbb", "dbb"),
        ("components:", "components: [", "line"),
    ],
    ids=["a negative rate", "no replicas", "an unknown kind", "an unknown component", "no YAML"],
)
def test_a_text_that_is_no_design_is_refused_with_a_sentence_and_stays_as_it_was_typed(
    editor: Editor, old: str, new: str, said: str
) -> None:
    text = write_design(shop())
    assert old in text
    wrong = text.replace(old, new, 1)
    editor.use_text(wrong)
    assert any(said in error for error in editor.screen.errors), editor.screen.errors
    assert editor.saved == shop()
    assert editor.text == wrong


def test_a_text_that_is_a_design_becomes_the_drawing_and_the_form(editor: Editor) -> None:
    text = write_design(shop()).replace("replicas: 4", "replicas: 6", 1)
    editor.use_text(text)
    assert editor.saved == read_design(text)
    assert editor.screen.errors == []
    assert editor.text == text
    editor.show("Form")
    assert editor.screen.field("number_input", "Replicas").value == 6


def test_a_refusal_is_forgotten_with_the_next_change_that_is_possible(editor: Editor) -> None:
    editor.screen.set("text_input", "Name of this service", "9 lives")
    editor.screen.set("number_input", "Replicas", 5)
    assert editor.screen.errors == []


def test_a_name_that_is_taken_leaves_the_component_open_that_was_to_be_renamed(editor: Editor) -> None:
    editor.screen.set("text_input", "Name of this service", "db")
    assert editor.screen.has("text_input", "Name of this service")


def test_a_name_that_is_taken_leaves_the_component_open_beside_which_another_was_to_be_added(editor: Editor) -> None:
    editor.add("store", "db")
    assert editor.screen.has("text_input", "Name of this service")


def test_a_new_component_is_called_by_the_chosen_one_unless_somebody_else_is_named(editor: Editor) -> None:
    editor.add("store", "index", caller=None)
    assert editor.saved == edits.add_call(edits.add(shop(), "store", "index"), "api", "index")


def test_a_new_cache_takes_over_the_calls_to_what_it_stands_in_front_of(editor: Editor) -> None:
    editor.choose("db")
    editor.add("cache", "near", ["db"], caller=None)
    with_cache = edits.add(shop(), "cache", "near", ("db",))
    assert editor.saved == edits.come_between(with_cache, "api", "near", ("db",))


def test_what_stands_in_front_of_the_entry_becomes_the_entry(editor: Editor) -> None:
    editor.add("cache", "edge", ["api"], caller=None)
    assert editor.saved.traffic.entry == "edge"
    editor.screen.click("Undo")
    editor.add("service", "", caller=REQUESTS)
    assert editor.saved.traffic.entry == "service_1"


def test_a_component_can_begin_with_measured_values_and_then_names_their_source(editor: Editor) -> None:
    entry = next(one for one in entries_for("store") if one.fragment("store") is not None)
    editor.screen.set("radio", "Kind", "store")
    editor.screen.set("selectbox", "Numbers", entry.id)
    editor.screen.click("Add")
    assert entry in origins(editor.saved, "store_1")
    assert editor.screen.says(f"Values of: {entry.title}. {source_line(entry)}".replace("\\", ""))


def test_a_duplicate_is_chosen_and_said_to_be_unreached(editor: Editor) -> None:
    editor.screen.click("Duplicate")
    assert editor.saved == edits.duplicate(shop(), "api", "api_2")
    assert editor.screen.field("text_input", "Name of this service").value == "api_2"
    assert editor.screen.says("No request comes to api_2 yet.")


def test_every_view_shows_a_change_that_another_view_has_made(editor: Editor) -> None:
    editor.show("File")
    editor.show("Form")
    editor.screen.set("number_input", "Replicas", 7)
    assert editor.screen.says("api<br/>Service, 7 replicas")
    editor.show("File")
    assert editor.text == write_design(editor.saved)
    editor.use_text(editor.text.replace("replicas: 7", "replicas: 9"))
    assert editor.screen.says("api<br/>Service, 9 replicas")
    editor.show("Form")
    assert editor.screen.field("number_input", "Replicas").value == 9


def test_a_problem_is_said_on_the_component_it_belongs_to_and_outlined_in_the_drawing(editor: Editor) -> None:
    editor.choose("db")
    editor.screen.set("number_input", "p99, ms", 1.0)
    assert any("components.db.read_time" in said for said in editor.screen.errors)
    assert editor.screen.says(f"style c_db {WRONG}")


def test_a_file_that_is_uploaded_becomes_the_design_and_a_wrong_one_gets_a_sentence(editor: Editor) -> None:
    editor.show("File")
    other = write_design(edits.remove(shop(), "db"))
    editor.screen.set("file_uploader", "Use a design file instead", ("d.yaml", b"\xff\x00", "application/yaml"))
    assert editor.screen.errors == [NOT_TEXT]
    editor.screen.set("file_uploader", "Use a design file instead", None)
    assert editor.screen.errors == []
    editor.screen.set("file_uploader", "Use a design file instead", ("d.yaml", other.encode(), "application/yaml"))
    assert write_design(editor.saved) == other == editor.text
