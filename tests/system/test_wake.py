"""What wakes pullers for something urgent: what a compiler writes, what a puller does with it, and that one that lies costs little."""
import itertools, threading

from fleet_lab import *
from puller_fleet import PullerFleet
from test_distribute import ChannelLab

NOTHING_URGENT = b"000000000000\n"


class Published(ChannelLab):
    def test_what_is_urgent(self):
        """It tells the serial of what somebody waits for, and nothing else."""
        self.publish()
        self.assertEqual(self.object("wake"), NOTHING_URGENT)
        self.feedsync("-c", self.config, "allow", "n7.example", "--reason", "shop", code=0)
        self.assertEqual(self.object("wake"), b"000000000002\n")
        self.publish("one.example")
        self.assertEqual((self.verified()["serial"], self.object("wake")), (3, b"000000000002\n"))
        self.feedsync("-c", self.config, "rollback", "1", code=0)
        self.assertEqual((self.verified()["urgent"], self.object("wake")), (True, b"000000000004\n"))
        # Another manifest of the same table is no news.
        self.apply()
        self.channels[0]["expires"] = "3d"
        self.apply()
        self.distribute()
        self.assertEqual((self.verified()["serial"], self.verified()["urgent"], self.object("wake")), (5, True, b"000000000004\n"))
        # One that is missing comes with the next publish.
        os.remove(self.path("srv/stable/wake"))
        self.feedsync("-c", self.config, "resume", code=0)
        self.publish("two.example")
        self.assertEqual((self.verified()["urgent"], self.object("wake")), (False, NOTHING_URGENT))

    def test_cannot_be_written(self):
        """What is published is published all the same."""
        self.publish()
        os.remove(self.path("srv/stable/wake"))
        os.mkdir(self.path("srv/stable/wake"))
        said = self.feedsync("-c", self.config, "allow", "n7.example", "--reason", "shop", code=0).stderr
        self.assertRegex(said, "channel stable: .*wake.*; resolvers find serial 2 at their next look")
        self.assertEqual(self.assert_shows_published()["serial"], 2)
        self.assertTrue(self.channel()["well"])


class Store(WebServer):
    """A web server over a directory that keeps connections open, and tells what was asked: when, what, by which of them. What is in
    `answers` is sent instead: octets, or a function that yields them for as long as the client takes them; then it hangs up."""

    def __init__(self, directory):
        self.asked, self.answers, self.given_up = [], {}, set()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version, timeout = "HTTP/1.1", 60

            def do_GET(self):
                outer.asked.append((time.monotonic(), self.path, self.client_address))
                if self.path in outer.answers:
                    return self.send_written(outer.answers[self.path])
                try:
                    octets = read(directory + self.path)
                except FileNotFoundError:
                    return self.send_error(404)
                self.send_response(200)
                self.send_header("Content-Length", str(len(octets)))
                self.end_headers()
                self.wfile.write(octets)

            def send_written(self, answer):
                self.close_connection = True
                try:
                    for piece in [answer] if isinstance(answer, bytes) else answer():
                        self.wfile.write(piece)
                except OSError:
                    outer.given_up.add(self.path)

            def log_message(self, *_):
                pass

        super().__init__(Handler)
        self.server.daemon_threads = True

    def times(self, path):
        return [at for at, asked, _ in list(self.asked) if asked == path]


class Woken(PullLab):
    def setUp(self):
        super().setUp()
        self.store = self.enterContext(Store(self.path("www")))
        self.pull_from(self.store.url + "/")
        self.config = self.write("store.yaml", open(self.config).read())
        self.first, self.second = self.make_table("one.example"), self.make_table("two.example")
        self.shown = self.offer(self.first)
        self.put("wake", NOTHING_URGENT)

    def run_pulls(self, config=None):
        return Process(self, "feedsync", [FEEDSYNC, "-c", config or self.config, "run"])

    def has(self, table, path=None):
        path = path or self.table
        return os.path.exists(path) and read(path) == read(table)

    def test_woken(self):
        """What is urgent comes, though `latest` lags and never tells of it: so it is the hint that was followed. All looks go over
        one connection. A folder of this machine does as well."""
        daemons = [self.run_pulls()]
        self.state, here = self.path("state-here"), self.path("here.weir")
        self.pull_from("file://" + self.path("www"), table=here)
        daemons.append(self.run_pulls(self.write("here.yaml", open(self.config).read())))
        wait_for(lambda: self.has(self.first) and self.has(self.first, here) and len(self.store.times("/wake")) >= 2)
        self.store.answers["/latest"] = response(self.shown)
        self.offer(self.second, urgent=True)
        self.put("latest", self.shown)
        self.put("wake", b"000000000002\n")
        wait_for(lambda: self.has(self.second) and self.has(self.second, here))
        looks = [asked for asked in self.store.asked if asked[1] == "/wake"]
        self.assertEqual(len({client for _, _, client in looks}), 1)
        self.assertEqual(len(self.store.times("/manifests/000000000002")), 1)
        self.state = self.path("state")
        wait_for(lambda: (self.record()["serial"], self.record()["wakes"]) == (2, 1))
        self.assertEqual([daemon.stop() for daemon in daemons], [0, 0])

    def test_lags(self):
        """`latest` is older than what was taken: the manifest behind that is asked for by its name, once, and judged like any other."""
        self.pull()
        self.offer(self.second)
        self.pull()
        self.put("latest", self.shown)
        lags = "latest: serial 1 is older than 2, which was taken before"
        behind = "/manifests/000000000003"
        self.assertRegex(self.pull(1), lags)
        self.assertEqual(len(self.store.times(behind)), 1)
        third = self.make_table("three.example")
        good = self.offer(third)
        self.put("latest", self.shown)
        for what, octets in (("damaged", good[:-2] + b"x}"), ("another channel's", self.of_channel("canary", third)), ("an old one", self.shown),
                             ("of another key", self.signed_by_others(third)), ("too long", b" " * 70000)):
            with self.subTest(what):
                self.put(behind[1:], octets)
                self.assertRegex(self.pull(1), lags)
                self.assertTrue(self.has(self.second))
        self.put(behind[1:], good)
        self.assertIn("serial 3 is in force", self.pull())
        self.assertTrue(self.has(third))
        # What lags is not taken for what is in force.
        self.assertRegex(self.pull(1), "latest: serial 1 is older than 3")
        self.put("latest", good)
        self.assertIn("serial 3 is in force already", self.pull())

    def of_channel(self, channel, table):
        self.serial -= 1
        self.channel = channel
        try:
            return self.offer(table)
        finally:
            self.channel = "stable"
            self.put("latest", self.shown)

    def signed_by_others(self, table):
        self.make_key("theirs")
        self.serial -= 1
        octets = self.offer(table, sign="theirs")
        self.put("latest", self.shown)
        return octets

    def test_liar(self):
        """One that tells something new each time costs a pull each five seconds, and what is in force stays."""
        serials = itertools.count(100)
        self.store.answers["/wake"] = lambda: [response(b"%012d\n" % next(serials))]
        daemon = self.run_pulls()
        wait_for(lambda: len(self.store.times("/latest")) >= 3)
        pulls = self.store.times("/latest")
        for first, third in zip(pulls, pulls[2:]):  # one of the two that follow may be due anyway
            self.assertGreater(third - first, 4.5)
        self.assertLessEqual(len(self.store.asked), 4 * len(pulls) + 2 * len(self.store.times("/wake")))
        wait_for(lambda: self.record()["failures"] == 0)
        self.assertEqual((self.record()["serial"], self.has(self.first)), (1, True))
        self.assertEqual(daemon.stop(), 0)

    def test_hostile(self):
        """Whatever comes instead, the puller takes a few octets of it, goes on pulling, and says nothing."""
        endless = lambda: itertools.chain([b"HTTP/1.1 200 OK\r\n\r\n"], itertools.repeat(b"0" * 65536))
        silence = threading.Event()
        self.addCleanup(silence.set)
        cases = {"endless": endless, "headers": lambda: itertools.chain([b"HTTP/1.1 200 OK\r\n"], itertools.repeat(b"X-More: 1\r\n" * 1000)),
                 "huge": response(b"0" * 1000, length=10 ** 12), "longer": response(b"000000000003\n\n"), "words": response(b"no such page\n"),
                 "empty": response(b""), "redirect": response(b"", "302 Found", Location="/wake"), "error": response(b"oops", "500 Oops"),
                 "silent": lambda: (b"" for _ in [silence.wait(60)]), "cut": response(b"00000", length=13),
                 "range": response(b"000000000003\n", "206 Partial Content", Content_Range="bytes 0-12/13")}
        self.offer(self.second, urgent=True)
        daemons = {}
        for case, answer in cases.items():
            os.symlink(self.path("www"), self.path("www", case))
            self.store.answers[f"/{case}/wake"] = answer
            self.state, self.table = self.path("state-" + case), self.path(case + ".weir")
            self.pull_from(f"{self.store.url}/{case}/")
            daemons[case] = self.run_pulls(self.write(case + ".yaml", open(self.config).read()))
        wait_for(lambda: all(self.store.times(f"/{case}/wake") for case in cases))
        wait_for(lambda: {"/endless/wake", "/headers/wake"} <= self.store.given_up)
        for case, daemon in daemons.items():
            with self.subTest(case):
                self.assertTrue(self.has(self.second, self.path(case + ".weir")))
                self.assertEqual((daemon.alive(), "wake" in daemon.log()), (True, False))
                self.assertEqual(daemon.stop(), 0)
                self.assertEqual(self.store.times(f"/{case}/manifests/000000000003"), [])


class Fleet(PullerFleet):
    def test_together(self):
        """Some pullers of one compiler, by https: a first table, what a sync brings, what is urgent."""
        self.publish()
        self.offer_channel()
        self.start_pullers(4)
        self.wait_for_pullers()
        self.publish("one.example")
        self.feedsync("-c", self.config, "allow", "n7.example", "--reason", "shop", code=0)
        self.wait_for_pullers()
        self.end_pullers()
        asked = self.requests_of_log()
        self.assertEqual({status for _, name, status, _, _ in asked if name == "wake"}, {200})
        self.assertFalse([row for row in asked if row[2] >= 400])
