"""The classifier as shipped."""

import pytest

from costsim.tasks import Classifier


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return Classifier()
