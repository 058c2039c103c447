#!/usr/bin/python3
"""A family filter (tests/system/family.py says who asks for what) in Weir, in Unbound without a filter, and in other resolvers as
Debian 12 packages them. Writes family.json.

  tests/bench/family_mix.py [--quick] [--systems NAME,...]        (environment: common.py; run.sh sets it)

Per system, from an empty cache: what the authoritative server was asked for all questions of the mix, once each; then answers a
second and microseconds of processor time per answer, for the mix again, as fast as it goes; resident memory. Then two kinds of
questions by turns: what only others are kept from, and families are kept from, each against names that concern no group: the ratio
of answers a second and of processor time, the median of several turns.
store_hits: the share of the questions for what only others are kept from that the module's store answers: of all questions of the mix,
once each, from an empty store on; of the same again; of as many others of the mix. best: what it could be at most, since somebody must
ask first.
weir_quarter: the store has a quarter of the memory that the mix needs.
exact: while all the others ask, from an empty cache on, those who opted out get the same octets as from an Unbound without Weir,
ID and TTL aside."""
import statistics, sys, threading, time

from common import *
from family_systems import *

START_S = 120
ADDRESSES = {"127.0.0.1": 25, "127.0.0.2": 25, "127.0.0.3": 25, FAMILY: 20, OPTED_OUT: 5}  # of 100 questions


def below(name, names):
    """Whether a name, or one above it, is among these."""
    labels = name.split(".")
    return any(".".join(labels[i:]) in names for i in range(len(labels)))


def lists(ordinary, adult, listed):
    """The mix, and the lists of malicious and adult names, each as long as `listed`."""
    popular = list(dict.fromkeys(made.names("popular", (ordinary + adult) * 3 // 2)))
    wanted = popular[5:adult * 4:4][:adult]
    malicious = list(dict.fromkeys(made.names("listed", 2 * listed)))
    adult_list, malicious_list = wanted + malicious[:listed - adult], malicious[listed:]
    covered = {*adult_list, *malicious_list}
    rest = [name for name in popular if not below(name, covered)][:ordinary]
    mix = Mix(rest, wanted, malicious_list[:adult])
    return mix, malicious_list, mix.names[ADULT] + adult_list[adult:]


def question_file(name, questions):
    path = os.path.join(KEEP, name)
    os.makedirs(KEEP, exist_ok=True)
    with open(path, "w") as f:
        f.writelines(f"{name} {qtype}\n" for name, qtype in questions)
    return path


class Load:
    """Questions of the mix, for each address of a client: a file, and as many at a time as its share. repeated: the share of those for what
    only others are kept from that was asked before, here or in a load `before`."""

    def __init__(self, mix, count, seed, before=None):
        questions = {source: mix.questions(count * share // 100, seed + share + i) for i, (source, share) in enumerate(ADDRESSES.items())}
        self.files = {source: question_file(f"mix-{seed}-{source}", asked) for source, asked in questions.items()}
        others_only = []
        for source, asked in questions.items():
            kinds = {ADULT, MALICIOUS} - BLOCKED.get(source, BLOCKED[EVERYBODY])
            names = {name for kind in kinds for name in mix.names[kind]}
            others_only += [question for question in asked if question[0] in names]
        self.others_only = set(others_only)
        self.repeated = 1 - len(self.others_only - (before.others_only if before else set())) / len(others_only)

    def run(self, port, *options, sources=tuple(ADDRESSES)):
        """Returns how many were answered and how many lost."""
        done = all_at_once(lambda source: dnsperf(port, self.files[source], "-a", source, *options, clients=2,
                                                  outstanding=2 * ADDRESSES[source]), [(source,) for source in sources])
        return [sum(column) for column in zip(*done)]


def hits(before, after):
    """The share that the store has answered, of the questions that it was for, between two looks at the counters."""
    found, stored = (after[key] - before[key] for key in ("from_store", "stored"))
    return found / max(found + stored, 1)


class Bench(Systems):
    """One system in a laboratory of its own."""

    def __init__(self, system, work, **env):
        super().__init__("one_row")
        self.system, self.work, self.env = system, work, env

    def one_row(self):
        pass

    def __enter__(self):
        self.setUp()
        self.upstream = self.family_internet()
        self.port = free_port()
        self.process = Process(self, self.system, getattr(self, self.system)(self.work.malicious, self.work.adult),
                               self.environment(**self.env))
        start = time.monotonic()
        name, rcode = (self.work.malicious[0], "NXDOMAIN") if self.system != "no_filter" else ("probe.example", "NOERROR")
        while not (lambda answer: answer and answer.rcode == rcode)(ask(self.port, name, timeout=.3)):
            if not self.process.alive() or time.monotonic() - start > START_S:
                raise RuntimeError(f"{self.system} does not work: {self.process.log()[-500:]}")
            time.sleep(.05)
        return self

    def __exit__(self, *_):
        try:
            self.tearDown()
        except AssertionError:
            if self.system in ("weir", "no_filter"):
                raise  # how another one ends is not ours to judge

    def measured(self, run):
        """What `run`, which returns how many were answered and lost, took."""
        cpu, start = cpu_seconds(self.process.pid), time.monotonic()
        done, lost = run()
        return dict(answers_per_s=done / (time.monotonic() - start), cpu_us=(cpu_seconds(self.process.pid) - cpu) / done * 1e6, lost=lost)

    def against_ordinary(self, kind, source):
        """A kind of questions against ordinary ones, by turns."""
        files = {k: question_file(f"kind-{k}", self.work.mix.questions(20000, 77, {k: 1})) for k in (ORDINARY, kind)}

        def run(k):
            return self.measured(lambda: dnsperf(self.port, files[k], "-a", source, "-n", self.work.passes, clients=4))
        for k in files:
            run(k)
        turns = [(run(ORDINARY), run(kind)) for _ in range(self.work.turns)]
        return {what: statistics.median(some[key] / ordinary[key] for ordinary, some in turns)
                for what, key in (("answers", "answers_per_s"), ("cpu", "cpu_us"))}

    def module(self):
        """What the module has in memory, and its counters; nothing of other systems."""
        if self.system != "weir":
            return 0, {}
        stats = self.unbound_control("stats_noreset").stdout
        resolver = next(r for r in self.counters() if r["pid"] == self.process.pid)
        return int(re.search(r"mem\.mod\.dynlibmod=(\d+)", stats).group(1)), resolver["counters"]

    def measure(self):
        row = dict(memory_start_octets=memory(self.process.pid))
        (empty, begun), before = self.module(), self.upstream_queries()
        self.work.load.run(self.port, "-n", 1)
        row["upstream"], once = self.upstream_queries() - before, self.module()[1]
        row.update(self.measured(lambda: self.work.load.run(self.port, "-l", self.work.seconds)))
        row["upstream_again"] = self.upstream_queries() - before - row["upstream"]
        row["memory_octets"] = memory(self.process.pid)
        filled, again = self.module()
        if "from_store" in again:
            self.work.more_load.run(self.port, "-n", 1)
            row.update(store_octets=filled - empty, store_hits=dict(
                empty=hits(begun, once), empty_best=self.work.load.repeated, again=hits(once, again),
                others=hits(again, self.module()[1]), others_best=self.work.more_load.repeated))
        row["others_only"] = self.against_ordinary(ADULT, EVERYBODY)
        if self.system != "no_filter":
            row["blocked"] = self.against_ordinary(ADULT, FAMILY)
        return row


class Work:
    """What all systems are given to do."""

    def __init__(self, quick):
        ordinary, adult, listed, questions = (10000, 3000, 10000, 40000) if quick else (100000, 30000, 200000, 400000)
        self.mix, self.malicious, self.adult = lists(ordinary, adult, listed)
        self.load = Load(self.mix, questions, 0)
        self.more_load = Load(self.mix, questions, 1000, self.load)
        self.seconds, self.passes, self.turns = (2, 1, 3) if quick else (10, 3, 7)


def one(system, work, **env):
    try:
        with Bench(system, work, **env) as bench:
            return bench.measure()
    except Exception as error:
        return dict(error=str(error))


def exact(work, count, **env):
    """The answers to those who opted out, against those of an Unbound without Weir."""
    questions = work.mix.questions(count, 99)
    with Bench("no_filter", work) as bench:
        without = ask_all(bench.port, questions, OPTED_OUT)
    others = [source for source in ADDRESSES if source != OPTED_OUT]
    with Bench("weir", work, **env) as bench:
        crowd = threading.Thread(target=lambda: work.load.run(bench.port, "-n", 1, sources=others))
        crowd.start()
        answers = ask_all(bench.port, questions, OPTED_OUT)
        crowd.join()
    differ = differing(questions, answers, without)
    return dict(questions=count, differing=len(differ), first=[question for question, _, _ in differ[:5]])


def main():
    quick = "--quick" in sys.argv
    systems = sys.argv[sys.argv.index("--systems") + 1].split(",") if "--systems" in sys.argv else SYSTEMS
    work, result, rows = Work(quick), Result("family"), {}
    result.data["systems"] = []

    def add(system, row):
        rows[system] = row
        if row.get("upstream") and rows.get("no_filter", {}).get("upstream"):
            row["upstream_ratio"] = row["upstream"] / rows["no_filter"]["upstream"]
        result.add("systems", dict(system=system, **row))
    for system in systems:
        add(system, one(system, work))
    if "weir" in systems:
        result.add("exact", exact(work, 10000 if quick else 100000))
        quarter = rows["weir"].get("store_octets", 0) // 4
        if quarter:
            add("weir_quarter", dict(store_limit_octets=quarter, **one("weir", work, WEIR_STORE=str(quarter))))
            result.add("exact_quarter", exact(work, 10000 if quick else 100000, WEIR_STORE=str(quarter)))


main()
