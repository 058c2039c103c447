"""Short runs of the race and of the kill matrix (tests/race has the long ones)."""
import os, sys, unittest

from lab import *

sys.path.insert(0, os.path.join(HERE, "../race"))
import kill, race


class ShortRace(race.Race):
    seconds, report = 15, {}


class ShortKills(kill.Kills):
    publishes, report = 30, {}


def load_tests(loader, *_):
    """The two only, not those that they are made from."""
    return unittest.TestSuite(loader.loadTestsFromTestCase(case) for case in (ShortRace, ShortKills))


if __name__ == "__main__":
    unittest.main(verbosity=2)
