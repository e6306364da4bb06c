"""Fixtures and settings of all tests."""

import gc
import os
import sys

import pytest
from hypothesis import HealthCheck, settings

from tests_support import BANKS, shipped

settings.register_profile(
    "rnnquiz",
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    print_blob=True,
)
settings.load_profile("rnnquiz")


def pytest_configure(config):
    """Where Python may write no compiled modules beside the sources, they are kept with what pytest
    keeps: else each of the processes that tests start would compile them anew."""
    # Tests keep banks, variants and drawings: to look through all of them at every 700 new objects
    # takes a twelfth of the time.
    gc.set_threshold(20_000)
    if not sys.dont_write_bytecode or not hasattr(config, "cache"):
        return
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(config.cache.mkdir("compiled"))


@pytest.fixture(params=BANKS)
def bank(request):
    """Each bank that ships."""
    return shipped(request.param)
