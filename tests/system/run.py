#!/usr/bin/env python3
"""Runs the system tests (or those named) and prints, last, how many passed, failed and were skipped."""
import os, sys, unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
os.chdir(sys.path[0])


class Result(unittest.TextTestResult):
    """Counts tests, not subtests: a test with a failed subtest has failed once."""

    def bad(self):
        return {test.test_case.id() if hasattr(test, "test_case") else test.id() for test, _ in self.failures + self.errors}


loader = unittest.TestLoader()
suite = loader.loadTestsFromNames(sys.argv[1:]) if sys.argv[1:] else loader.discover(".")
result = unittest.TextTestRunner(resultclass=Result, verbosity=2, stream=sys.stdout).run(suite)
for test, reason in result.skipped:
    print(f"skipped: {test.id()}: {reason}")
failed = len(result.bad())
print(f"{result.testsRun - failed - len(result.skipped)} passed, {failed} failed, {len(result.skipped)} skipped")
sys.exit(failed > 0)
