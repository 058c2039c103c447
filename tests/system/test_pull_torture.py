"""A pull that is killed at a system call, or let down by one: the old or the new table is in force, never another one, the exit
code tells the truth, and the next pull ends well. TORTURE=all goes through all calls; otherwise a part, another one at each run
(its seed is printed)."""
import collections, random

from fleet_lab import *
from strace_lab import *

CALLS = ("openat", "write", "fsync", "rename", "unlink", "unlinkat", "mkdir", "linkat", "ftruncate", "pwrite64", "fchmod", "flock", "connect",
         "recvfrom", "mmap", "read", "newfstatat", "close")
ERRORS = {"openat": "EMFILE", "write": "ENOSPC", "fsync": "EIO", "rename": "EROFS", "unlink": "EROFS", "mkdir": "ENOSPC", "linkat": "EPERM",
          "pwrite64": "ENOSPC", "flock": "ENOLCK", "connect": "ECONNREFUSED", "recvfrom": "ECONNRESET", "read": "EIO", "newfstatat": "EIO",
          "fchmod": "EPERM"}
LAST = ("rename", "fsync", "linkat", "write")  # at whose last ones the table is published


@no_strace
class Torture(StraceLab, PullLab):
    PART = 24

    def setUp(self):
        super().setUp()
        self.serve()
        self.pull_from(self.url + "/")
        names = [f"name{i}.example" for i in range(3000)]
        self.old, self.new = self.make_table(*names), self.make_table(*names, "new.example")
        self.first = self.offer(self.old)
        self.pull()
        shutil.copytree(self.state, self.path("before"))
        self.latest = self.offer(self.new, self.old)

    def restore(self, delta):
        shutil.rmtree(self.state)
        shutil.copytree(self.path("before"), self.state)
        for name in glob.glob(self.table + "*"):
            os.remove(name)
        shutil.copyfile(self.old, self.table)
        self.put("latest", self.latest if delta else self.whole)

    def traced(self, delta, *words):
        self.restore(delta)
        return subprocess.run([*strace(self.path("strace.log"), *words), FEEDSYNC, "-c", self.config, "pull", "--once"], capture_output=True,
                              text=True, timeout=120)

    def check(self, what, result, killed):
        complaint = f"{what} (TORTURE_SEED={self.seed}): exit {result.returncode}\n{result.stderr}"
        there = read(self.table)
        self.assertIn(there, (read(self.old), read(self.new)), complaint)
        if not killed:
            # Of a configuration that cannot be read nobody knows which table it means.
            self.assertIn(result.returncode, (0, 2 if "nothing done" in result.stderr else 1), complaint)
            self.assertTrue(result.returncode == 0 or result.stderr.strip(), complaint)
            self.assertEqual(there, read(self.new if result.returncode == 0 else self.old), complaint)
        complaint += "\nthe next one: " + self.pull()
        self.assertEqual(read(self.table), read(self.new), complaint)
        self.assertEqual((self.record()["serial"], self.record()["failures"]), (2, 0), complaint)
        self.assertEqual(os.listdir(self.path("state/pull")), [], complaint)
        self.assertEqual(glob.glob(self.path("current.weir?*")), [], complaint)
        self.put("latest", self.first)
        self.assertIn("serial 1 is older than 2", self.pull(1), complaint)

    def test_each_step(self):
        body = json.loads(self.latest.split(b"\n", 4)[4])
        self.whole = self.sign_manifest({**body, "deltas": []})
        cases = []
        for delta in (True, False):
            self.assertEqual(self.traced(delta, "-e", "trace=" + ",".join(CALLS)).returncode, 0)
            counts = count_calls(self.path("strace.log"))
            self.assertGreater(counts["fsync"], 2, counts)
            cases += [(delta, call, n, how, n == counts[call] and call in LAST) for call in CALLS for n in range(1, counts[call] + 1)
                      for how in ("signal=KILL", f"error={ERRORS.get(call)}") if "None" not in how]
        chosen = ([] if ALL else [c for c in cases if c[4] and c[0]]) + self.part(cases)
        for delta, call, n, how, _ in chosen:
            result = self.traced(delta, "-e", "trace=" + call, "-e", f"inject={call}:{how}:when={n}")
            self.note_death(how, result)
            if result.returncode != 127:  # the loader of programs
                self.check(f"{'delta' if delta else 'whole'}: {call} {n} {how}", result, "KILL" in how)
        self.check_deaths()
