"""New parts fit the design that they come into: whatever is switched on, chosen or added is saved as it is."""

from collections.abc import Iterator
from typing import Any

import pytest

from simulator.design import Design
from simulator.design_file import DesignProblem
from simulator.places import insert, with_values
from simulator.spec import Spec
from tests.ui.test_form_contract import DESIGNS
from ui.form.editing import Editing
from ui.form.shapes import Group, Many, Maybe, Shape, Variants, shapes
from ui.form.starts import option_of, options_of, start_of


class Place:
    """Something that can be switched on, chosen or added: a name for it, and what the design is then."""

    def __init__(self, path: str, model: type[Spec], option: str = "", *, added: bool = False):
        self.path, self.model, self.option, self.added = path, model, option, added

    def on(self, design: Design) -> Design:
        editing = Editing(design, "lists", lambda _: None)
        new = start_of(self.model, editing, self.path, self.option)
        return insert(design, self.path, new) if self.added else with_values(design, {self.path: new})


def places(design: Design) -> Iterator[Place]:
    for name, part in design.components.items():
        yield from of_model(type(part), f"components.{name}", part.model_dump(mode="json"))
        for field in ("calls", "on_miss"):
            for i, step in enumerate(getattr(part, field, ())):
                for j, call in enumerate(step):
                    yield from of_model(type(call), f"components.{name}.{field}.{i}.{j}", call.model_dump(mode="json"))
    yield from of_model(Design, "", design.model_dump(mode="json"))


def of_model(model: type[Spec], path: str, data: Any) -> Iterator[Place]:
    for name, shape in shapes(model).items():
        yield from of_shape(shape, f"{path}.{name}" if path else name, data[name])


def of_shape(shape: Shape, path: str, data: Any) -> Iterator[Place]:
    match shape:
        case Group(model=model):
            yield from of_model(model, path, data)
        case Maybe(inner=Group(model=model)):
            if data is None:
                yield Place(path, model)
            else:
                yield from of_model(model, path, data)
        case Variants(models=models) | Maybe(inner=Variants(models=models)):
            for option, model in options_of(models).items():
                if data is None or option_of(data) != option:
                    yield Place(path, model, option)
        case Many(item=item):
            models = item.models if isinstance(item, Variants) else (item.model,)
            yield Place(path, models[0], added=True)
            for i, value in enumerate(data):
                yield from of_shape(item, f"{path}.{i}", value)


@pytest.mark.parametrize("which", DESIGNS)
def test_whatever_is_switched_on_chosen_or_added_gives_a_design(which: str) -> None:
    tried, refused = 0, list[str]()
    for place in places(DESIGNS[which]):
        tried += 1
        try:
            place.on(DESIGNS[which])
        except DesignProblem as problem:
            refused += [
                one for one in problem.problems if "of a closed loop have no" not in one
            ]  # a true contradiction
    assert tried > 20
    assert refused == []
