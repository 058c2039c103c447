"""A hostile feed of each kind beside a good one, in `feedsync run`: whatever it sends, the good feed's newest name is in force
within its interval and a minute, an `allow` within 5 s of the reload, nobody has to come, and `status` names the feed at
fault. Each kind has a daemon and a state directory of its own; they run at once.

By hand, longer or fewer:  RUNS=50 KINDS=fold,drip /usr/bin/python3 -m pytest -rP tests/system/test_hostile_run.py"""
import email.utils

import pytest

from feeds import *

RUNS = int(os.environ.get("RUNS", "2"))
INTERVAL_S = 5
NEWS_S, ALLOW_S = 65, 5
GOOD, HOSTILE = 2000, 3000  # entries; of the good feed, and of the hostile one while it behaves
NOW = int(time.time())


def lines(names):
    return "".join(f"{name}\n" for name in names)


def day(days):
    """So many days from now, as RFC 3339 and as HTTP have it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW + days * 86400))


def http_date(days):
    return email.utils.formatdate(NOW + days * 86400, usegmt=True)


class Attack(FeedLab):
    """A hostile feed: what it sends while it behaves, and what in each run. `wrong` is what `status` must say of it then (None:
    nothing needs to be wrong, as what it does has no effect)."""
    settings = {"format": "domains"}
    wrong = "."

    def benign(self):
        return response(lines(f"h{i}.hostile.example" for i in range(HOSTILE)))

    def turn(self, run):
        raise NotImplementedError

    # ---- the runs ----

    def attack(self):
        self.server = self.enterContext(FaultServer())
        self.reports = []
        self.allowed = []
        self.prepare()
        self.good_names = [f"bad{i}.good.example" for i in range(GOOD)]
        self.serve_good()
        self.server.responses["/hostile"] = self.benign()
        self.write_configuration()
        self.daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        self.expect(0, "the first table", lambda: os.path.exists(self.table) and self.decides("bad0.good.example") == "block", NEWS_S)
        for run in range(1, RUNS + 1):
            self.run_once(run)

    def prepare(self):
        pass

    def run_once(self, run):
        self.turn(run)
        self.wait_for_request(run)
        new = f"new{run}.good.example"
        self.good_names.append(new)
        self.serve_good()
        news = self.expect(run, f"{new}, new in the good feed, blocked", lambda: self.decides(new) == "block", NEWS_S)
        name = f"bad{run}.good.example"
        self.allowed.append(name)
        self.write_configuration()
        self.daemon.popen.send_signal(signal.SIGHUP)
        allow = self.expect(run, f"{name} allowed after the reload", lambda: self.decides(name) == "allow", ALLOW_S)
        if self.wrong:
            self.expect(run, f"status to say of the hostile feed: {self.wrong}", lambda: re.search(self.wrong, self.trouble()), NEWS_S)
        self.reports.append((news, allow))
        self.after(run)

    def wait_for_request(self, run):
        asked = len(self.hostile_requests())
        self.expect(run, "that the hostile feed is asked", lambda: len(self.hostile_requests()) > asked, NEWS_S)

    def after(self, run):
        """Behaves again, where the next run has to begin with that."""

    def serve_good(self):
        self.server.responses["/good"] = response(lines(self.good_names))

    def hostile_requests(self):
        return [path for path in self.server.asked if path.startswith("/hostile")]

    def write_configuration(self):
        allow = "".join(f"\n  - name: {name}" for name in self.allowed)
        self.configure([{"name": "good", "url": self.server.url + "/good", "format": "domains"},
                        {"name": "hostile", "url": self.server.url + "/hostile", **self.settings}],
                       run="none", interval=f"{INTERVAL_S}s", **({"allow": allow} if allow else {}))

    def decides(self, name):
        result = self.feedsync("lookup", self.table, name)
        return result.stdout.split("\t")[1] if "\t" in result.stdout else result.stderr

    def trouble(self):
        """What `status` says of the hostile feed: "" if it is well."""
        said = self.feedsync("-c", self.config, "status").stdout
        own = re.search(r"^feed hostile: (?:.*\n)(?: .*\n)*", said, re.M)
        return "" if not own or own.group().startswith("feed hostile: well") else own.group()

    def expect(self, run, what, condition, seconds):
        """Returns after how many seconds it was so."""
        begun = time.monotonic()
        while not condition():
            if time.monotonic() - begun > seconds:
                status = self.feedsync("-c", self.config, "status")
                self.fail(f"{type(self).__name__.lower()}, run {run}: not within {seconds} s: {what}\n---- status\n"
                          f"{status.stdout}{status.stderr}---- log\n{self.daemon.log()[-3000:]}")
            self.assertTrue(self.daemon.alive(), self.daemon.log()[-3000:])
            time.sleep(0.2)
        return time.monotonic() - begun


class Fold(Attack):
    """As many entries, all below one that is listed as well: hardly a rule is left of them."""
    settings = {"format": "domains", "scope": "subtree"}

    def turn(self, run):
        self.server.responses["/hostile"] = response(lines(
            [f"one{run}.example", *(f"h{i}.one{run}.example" for i in range(HOSTILE - 1))]))


class Except(Attack):
    """Exceptions in the place of rules: as many entries."""
    settings = {"format": "adblock"}

    def benign(self):
        return response(lines(f"||h{i}.hostile.example^" for i in range(HOSTILE)))

    def turn(self, run):
        self.server.responses["/hostile"] = response("||x.example^\n" + lines(
            f"@@||h{i}.hostile{run}.example^" for i in range(HOSTILE - 1)))


class Grow(Attack):
    """Three times as large with each version, until the table is its own; then exceptions."""
    settings = {"format": "adblock"}

    def benign(self):
        return response(lines(f"||h{i}.hostile.example^" for i in range(900)))

    def turn(self, run):
        """Grows once more; in the last version there is nothing of it."""
        for size in (2691, 8046, 24057):
            self.server.responses["/hostile"] = response(lines(f"||h{i}.hostile.example^" for i in range(size)))
            self.wait_for_request(run)
        self.server.responses["/hostile"] = response("||x.example^\n" + lines(
            f"@@||h{i}.hostile{run}.example^" for i in range(size - 1)))


class Churn(Attack):
    """As many names, none of them there before, and among them those on which everything stands."""
    settings = {"format": "domains", "scope": "subtree"}
    innocent = ["google.com", "windowsupdate.com", "root-servers.net", "gtld-servers.net", "pool.ntp.org", "letsencrypt.org",
                "debian.org", "apple.com"]

    def turn(self, run):
        self.server.responses["/hostile"] = response(lines(
            [*self.innocent, *(f"other{i}.hostile{run}.example" for i in range(HOSTILE - len(self.innocent)))]))

    def after(self, run):
        for name in ("a.root-servers.net", "0.pool.ntp.org"):
            self.assertEqual(self.decides(name), "pass", f"churn, run {run}")


class Crowd(Attack):
    """Names that crowd one place of the table, by the key that anybody can read in it."""
    wrong = None  # with another key they crowd nothing

    def turn(self, run):
        crowd = subprocess.run([os.path.join(BIN, "hostile-crowd"), self.table], capture_output=True, text=True, check=True).stdout
        self.server.responses["/hostile"] = response(lines(f"h{i}.hostile.example" for i in range(HOSTILE)) + crowd)


class Deep(Attack):
    """As many names, each of 120 labels that no other one has."""

    def turn(self, run):
        self.server.responses["/hostile"] = response(lines(
            "a." * 115 + f"x{i}.hostile{run}.example" for i in range(HOSTILE)))


class Pad(Attack):
    """A MISP feed of few small events, padded with blanks so that they fill the disk just to the end."""
    settings = {"format": "misp-feed"}
    block, big = 4096, 20  # octets, and so many blocks of an event

    def prepare(self):
        os.mkdir(self.path("state"))
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m,mode=750", "tmpfs", self.path("state")], capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("only root can mount a disk to be filled")
        self.addCleanup(subprocess.run, ["umount", "-l", self.path("state")])

    @staticmethod
    def uuid(number):
        return f"{number:08x}-1111-4111-8111-111111111111"

    def offer(self, sizes, timestamp):
        """Events of so many blocks."""
        for i, size in enumerate(sizes):
            attribute = {"uuid": f"22222222-2222-4222-8222-{i:012}", "type": "domain", "category": "Network activity", "to_ids": True,
                         "value": f"h{i}.hostile.example", "timestamp": str(timestamp)}
            event = json.dumps({"Event": {"uuid": self.uuid(i), "info": "x", "timestamp": str(timestamp), "Attribute": [attribute]}})
            self.server.responses[f"/hostile/{self.uuid(i)}.json"] = (
                lambda _, event=event, size=size: response(event.ljust(size * self.block)))
        self.server.responses["/hostile/manifest.json"] = response(
            {self.uuid(i): {"timestamp": timestamp} for i in range(len(sizes))})

    def benign(self):
        self.offer([1] * 3, NOW - 100000)
        return response("")

    def turn(self, run):
        """Leaves too few blocks for the next version of the good feed."""
        left = os.statvfs(self.path("state")).f_bavail - 30 - run % 8
        self.offer([self.big] * (left // self.big) + [1] * (left % self.big), NOW - 100000 + run)


class Drip(Attack):
    """A server that sends just so fast that it is not given up."""

    def turn(self, run):
        def drip(_):
            yield b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n"
            while self.daemon.alive():
                yield lines(f"h{i}.hostile.example" for i in range(110)).encode()
                time.sleep(2)
        self.server.responses["/hostile"] = drip

    def wait_for_request(self, run):
        """In later runs it is at it still."""
        if run == 1:
            super().wait_for_request(run)


class Empty(Attack):
    """A good answer that holds no entry."""
    bodies = ["", "# nothing\n", "<!doctype html><title>Log in</title>", "\n\n\n", "{}", "[]"]

    def turn(self, run):
        self.server.responses["/hostile"] = response(self.bodies[run % len(self.bodies)])


class Withdraw(Attack):
    """A document that is well and says that all is withdrawn: of so many a human is asked."""
    settings = {"format": "json", "field": "name"}

    def benign(self):
        return response([{"name": f"h{i}.hostile.example"} for i in range(HOSTILE)])

    def turn(self, run):
        self.server.responses["/hostile"] = response([])


class Future(Attack):
    """Dates that make all of it not yet valid, or the server's clock one of another time."""
    settings = {"format": "csv", "field": "name", "seen": "seen", "max-age": "90d"}
    wrong = None  # what is dated ahead is not expired
    days, modified = 400, 4000

    def rows(self, days):
        return "name,seen\n" + lines(f"h{i}.hostile.example,{day(days)}" for i in range(HOSTILE))

    def benign(self):
        return response(self.rows(-1), Last_Modified=http_date(-1), Date=http_date(0))

    def turn(self, run):
        self.server.responses["/hostile"] = response(self.rows(self.days * run), Last_Modified=http_date(self.modified * run),
                                                     Date=http_date(self.modified))


class Past(Future):
    """Dates that make all of it expired."""
    wrong = "."
    days, modified = -400, -4000


KINDS = {"fold": Fold, "except": Except, "grow": Grow, "churn": Churn, "crowd": Crowd, "deep": Deep, "pad": Pad, "drip": Drip,
         "empty": Empty, "withdraw": Withdraw, "future": Future, "past": Past}
CHOSEN = os.environ.get("KINDS", ",".join(KINDS)).split(",")


@pytest.mark.alone
@unittest.skipIf(SANITIZED, "what it waits for is told in seconds of a release build")
class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pool = concurrent.futures.ThreadPoolExecutor(len(KINDS))
        cls.attacks = {kind: cls.pool.submit(cls.run_kind, KINDS[kind]("attack")) for kind in CHOSEN}
        cls.addClassCleanup(cls.pool.shutdown)

    @staticmethod
    def run_kind(attack):
        result = unittest.TestResult()
        attack.run(result)
        return attack, result

    def judge(self, kind):
        if kind not in self.attacks:
            self.skipTest("not among KINDS")
        attack, result = self.attacks[kind].result()
        for _, reason in result.skipped:
            self.skipTest(reason)
        if result.failures or result.errors:
            self.fail("\n".join(text for _, text in result.failures + result.errors))
        news, allow = zip(*attack.reports)
        print(f"{kind}: {len(news)} runs, news in force after at most {max(news):.1f} s, an allow after {max(allow):.1f} s ... ",
              end="", flush=True)


for kind in KINDS:
    setattr(Hostile, f"test_{kind}", lambda self, kind=kind: self.judge(kind))
