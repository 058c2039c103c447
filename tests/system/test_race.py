"""Short runs of the race and of the kill matrix (tests/race has the long ones)."""
import os, sys

import pytest

from lab import *

sys.path.insert(0, os.path.join(HERE, "../race"))
import groups, kill, race


@pytest.mark.alone
class ShortRace(race.Race):
    seconds, report = 8, {}


@pytest.mark.long
class ShortKills(kill.Kills):
    publishes, report = 20, {}


@pytest.mark.long
class ShortGroups(groups.GroupRace):
    seconds, report = 9, []
