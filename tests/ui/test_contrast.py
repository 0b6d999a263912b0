"""Contrast by WCAG 2.2: text at least 4.5, the lines, bars and points of a figure at least 3, on both themes."""

import tomllib
from pathlib import Path

import pytest
from plotly.graph_objects import Figure

import ui
from tests.ui import a_run
from ui.charts import ALARM, PALETTE, QUIET, _lighter, fig_waterfall
from ui.latency_chart import fig_latency
from ui.look import INK as INK_OF_WORDS
from ui.look import PAPER
from ui.map_figures import BAD, GOOD, INK, MIDDLE

THEME = tomllib.loads((Path(ui.__file__).parents[1] / ".streamlit" / "config.toml").read_text())["theme"]
TEXT, SHAPE = 4.5, 3.0
FADED = 0.6  # Streamlit's captions and placeholders
BLACK, DARK_ON_BRIGHT = "#000000", "#0d1b1e"


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_formula_gives_the_known_values() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # the standard's own example


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_shapes_can_be_told_from_the_background(theme: str) -> None:
    colors = THEME[theme]
    for background in (colors["backgroundColor"], colors["secondaryBackgroundColor"]):
        assert contrast(colors["textColor"], background) >= TEXT
    weak = [one for one in (*PALETTE, ALARM, QUIET) if contrast(one, colors["backgroundColor"]) < SHAPE]
    assert weak == []
    button_text = DARK_ON_BRIGHT if theme == "dark" else "#ffffff"
    assert contrast(button_text, colors["primaryColor"]) >= TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_captions_and_hints_in_fields_can_be_read(theme: str) -> None:
    """Streamlit mixes them of the text and what is behind it."""
    text, *backgrounds = (THEME[theme][one] for one in ("textColor", "backgroundColor", "secondaryBackgroundColor"))
    assert [one for one in backgrounds if contrast(mixed(text, one, FADED), one) < TEXT] == []


def mixed(color: str, background: str, share: float) -> str:
    parts = ((int(color[i : i + 2], 16), int(background[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(share * one + (1 - share) * other):02x}" for one, other in parts)


def test_the_bar_of_the_phone_is_as_bright_as_the_page() -> None:
    assert {theme: THEME[theme]["backgroundColor"] for theme in PAPER} == PAPER


def test_the_words_of_a_figure_can_be_read_on_white() -> None:
    assert contrast(INK_OF_WORDS, THEME["light"]["backgroundColor"]) >= TEXT


def test_numbers_in_bars_and_cells_can_be_read() -> None:
    assert [one for one in PALETTE if min(contrast(BLACK, one), contrast(BLACK, _lighter(one))) < TEXT] == []
    assert [one for one in (GOOD, MIDDLE, BAD) if contrast(INK, one) < TEXT] == []


def test_text_beside_a_shape_has_the_color_of_the_theme() -> None:
    """No color but that of the theme can be read on white and on the dark background alike."""
    for figure in (fig_latency(a_run.summary(), 300.0), fig_waterfall(a_run.summary())):
        assert colored_text(figure) == []


def colored_text(figure: Figure) -> list[str]:
    return [one.text for one in figure.layout.annotations if one.font.color is not None]
