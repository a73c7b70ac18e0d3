"""Every pair of versions of a chart: from the older one a store can be brought to the newer one."""

import copy
import itertools

import pytest
from charts import CHARTS
from fixed import changes, of_now, recorded, version_of

EITHER = pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.engine)
PAIRS = [(chart, old, new) for chart in CHARTS for old, new in itertools.combinations(recorded(chart), 2)]


@pytest.mark.parametrize(("chart", "old", "new"), PAIRS, ids=lambda it: getattr(it, "engine", it))
def test_nothing_changes_that_cannot(chart, old, new):
    versions = recorded(chart)
    assert list(changes(versions[old], versions[new])) == []


@EITHER
def test_the_version_that_is_here_is_recorded_as_it_is(chart):
    """Where this fails after a change, the change belongs into another version, or must not be; where that is new: Tests/Support/fixed.py."""
    versions = recorded(chart)
    assert version_of(chart) == list(versions)[-1]
    assert versions[version_of(chart)] == of_now(chart)


def named(objects: dict, kind: str) -> str:
    return next(name for name in objects if name.startswith(kind + "/"))


SPOILS = {
    "selector": lambda o: o[named(o, "Deployment")]["selector"]["matchLabels"].update(version="1"),
    "serviceName": lambda o: o[named(o, "StatefulSet")].update(serviceName="other"),
    "volumeClaimTemplates": lambda o: o[named(o, "StatefulSet")].update(volumeClaimTemplates=[{}]),
    "accessModes": lambda o: o[named(o, "PersistentVolumeClaim")].update(accessModes=["ReadWriteMany"]),
    "storageClassName": lambda o: o[named(o, "PersistentVolumeClaim")].update(storageClassName="fast"),
    "smaller": lambda o: o[named(o, "PersistentVolumeClaim")].update(size="1Mi"),
    "clusterIP": lambda o: o[named(o, "Service")].update(clusterIP="10.0.0.1"),
    "gone": lambda o: o.update({named(o, "PersistentVolumeClaim") + "-renamed": o.pop(named(o, "PersistentVolumeClaim"))}),
}


@EITHER
@pytest.mark.parametrize("what", SPOILS)
def test_what_cannot_change_is_found(chart, what):
    old = list(recorded(chart).values())[-1]
    new = copy.deepcopy(old)
    SPOILS[what](new["prod"])
    found = list(changes(old, new))
    assert len(found) == 1 and what in found[0], found
