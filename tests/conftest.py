"""Tests of one file run in one process, where what they share is computed once, unless they are marked to be spread."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        group = item.nodeid if item.get_closest_marker("spread") else item.nodeid.split("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))
