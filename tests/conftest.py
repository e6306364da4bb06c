"""Fixtures and settings of all tests."""

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


@pytest.fixture(params=BANKS)
def bank(request):
    """Each bank that ships."""
    return shipped(request.param)
