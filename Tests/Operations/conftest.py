"""The live stack with a trace collector beside it, storectl, and a second, quiet installation on the same servers."""


import pytest
from collector import Collector
from operating import Operating, quiet_installation
from stack import running


def pytest_collection_modifyitems(items):
    """What is lost and restored leaves traces for a minute: last."""
    items.sort(key=lambda item: item.path.name == "test_disaster.py")


@pytest.fixture(scope="session")
def collector():
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="session")
def stack(request, collector):
    # An image that cannot be pulled keeps a job running for as long as a test looks at it.
    with running(request, GRACE_IMAGE_PULL_SECONDS="600", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url) as stack:
        yield stack


@pytest.fixture(scope="session")
def storectl(stack):
    """storectl with the settings of the running stack."""
    return Operating(stack)


@pytest.fixture
def quiet(storectl):
    """An installation without workers, so that what a test breaks stays broken: a database and a Redis database of its own."""
    with quiet_installation(storectl) as installation:
        yield installation
