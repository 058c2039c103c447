"""How the system tests are run: with the binaries of which build, and with which Unbound.

    /usr/bin/python3 -m pytest tests/system [--preset=asan] [-k WORDS]
    /usr/bin/python3 -m pytest tests/system/test_sync.py::Sync::test_daemon

A preset's binaries are those in build/PRESET/bin, its Unbound is the one that conf/build-unbound.sh prints. WEIR_BIN and
WEIR_UNBOUND in the environment name others."""
import os, subprocess

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
UNBOUND_OPTIONS = {"asan": ["--address-sanitizer"], "tsan": ["--thread-sanitizer"], "processes": ["--without-threads"]}


def pytest_addoption(parser):
    parser.addoption("--preset", default="release", help="the build that is tested: release, asan, tsan, leak or processes")


def pytest_collection_modifyitems(items):
    """What takes long begins first: then it is not what all others are waited for at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_configure(config):
    """Runs before lab.py is imported, in each worker as well: those find all of it in the environment."""
    preset = config.getoption("--preset")
    foreign = os.path.join(TOP, "build/release/bin/weir.so")
    if preset == "asan" and os.path.exists(foreign):
        os.environ.setdefault("WEIR_STRANGER", foreign)
    os.environ.setdefault("WEIR_BIN", os.path.join(TOP, "build", preset, "bin"))
    if "WEIR_UNBOUND" not in os.environ:
        command = [os.path.join(TOP, "conf/build-unbound.sh"), *UNBOUND_OPTIONS.get(preset, [])]
        os.environ["WEIR_UNBOUND"] = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]
