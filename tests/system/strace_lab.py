"""What the tests share in which feedsync is killed at a system call, or let down by one. TORTURE=all goes through all of them; otherwise
a part, another one at each run (its seed is printed; TORTURE_SEED repeats it)."""
import collections, random

from feeds import *

ALL = os.environ.get("TORTURE") == "all"
no_strace = unittest.skipIf(SANITIZED, "strace and the sanitizers do not go together")


def strace(log, *words):
    """strace by these words. With --seccomp-bpf it stops at nothing but what it is to trace; but from such a stop it delivers no signal."""
    kills = any("signal=" in word for word in words)
    return ["strace", "-f", *([] if kills else ["--seccomp-bpf"]), "-qq", "-o", log, *words]


def count_calls(log):
    """How often the task that makes a call most often makes it: strace counts calls for each task by itself, from 1."""
    with open(log) as f:
        by_task = collections.Counter(m.groups() for m in (re.match(r"(\d+) +(\w+)\(", line) for line in f) if m)
    counts = collections.Counter()
    for (_, call), n in by_task.items():
        counts[call] = max(counts[call], n)
    return counts


class StraceLab:
    """Stands before a lab. PART: how many cases are a part."""
    PART = 12

    def setUp(self):
        super().setUp()
        self.seed = int(os.environ.get("TORTURE_SEED", random.randrange(1 << 32)))
        self.random = random.Random(self.seed)
        self.deaths = []

    def part(self, cases):
        return cases if ALL or len(cases) <= self.PART else self.random.sample(cases, self.PART)

    def each_step(self, calls, last):
        """Kills feedsync at each of these calls, and has each fail; traced(words) runs it, check(what, result, killed) judges. `last`:
        calls and how, of which the last one is in each part."""
        self.traced("-e", "trace=" + ",".join(calls))
        counts = count_calls(self.path("strace.log"))
        for call, _ in last:
            self.assertGreater(counts[call], 0, counts)
        cases = [(call, n, how) for call in calls for n in range(1, counts[call] + 1) for how in ("signal=KILL", "error=ENOSPC")]
        for call, n, how in ([] if ALL else [(call, counts[call], how) for call, how in last]) + self.part(cases):
            result = self.traced("-e", "trace=" + call, "-e", f"inject={call}:{how}:when={n}")
            self.note_death(how, result)
            if result.returncode != 127:  # the loader of programs
                self.check(f"{call} {n} {how}", result, "KILL" in how)
        self.check_deaths()
        return counts

    def note_death(self, how, result):
        if "signal=" in how:
            self.deaths += [result.returncode != 0]

    def check_deaths(self):
        """A kill that nothing dies of is none. One may miss: how often a call is made is not the same in each run."""
        self.assertGreater(sum(self.deaths), 0.9 * len(self.deaths) - 1, f"{sum(self.deaths)} of {len(self.deaths)} died")
