"""How the properties are searched: `ci` and `few` try the same cases every time, `make deep` many new ones."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Nothing here looks at the clock: a slow machine must not fail a property.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("ci", CALM, derandomize=True, max_examples=25)
settings.register_profile("few", CALM, derandomize=True, max_examples=6)
settings.register_profile("deep", CALM, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("GRANTCALC_PROFILE", "ci"))
