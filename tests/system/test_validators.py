"""What servers say of their versions: tags and times of documents (RFC 9110), and of events."""
import email.utils

from feeds import *


class Validators(LaterLab):
    """What servers say of their versions, and it is not so."""

    def setUp(self):
        super().setUp()
        self.server = self.enterContext(FaultServer())
        self.now, self.conditions = time.time(), []

    def names(self):
        return {name for _, name in self.dump()}

    def answers(self, path, body, condition, not_modified, **validators):
        """The body where the condition does not hold; else that nothing is new, in these words."""
        def answer(headers):
            date = email.utils.formatdate(self.now + self.moved, usegmt=True)
            self.conditions.append((path, "If-None-Match" in headers or "If-Modified-Since" in headers))
            if condition(headers):
                return response("", "304 Not Modified", length=False, Date=date, **not_modified)
            return response(body, Date=date, **validators)
        self.server.responses[path] = answer

    def after(self, days, code=0):
        self.pass_until(int(days * DAY))
        return self.sync_at(self.moved, code)

    FIRST, LAST = "Mon, 02 Nov 2026 10:00:00 GMT", "Tue, 03 Nov 2026 10:00:00 GMT"
    asks = staticmethod(lambda headers: headers.get("If-None-Match") or headers.get("If-Modified-Since"))
    # Of the first version, of the second one, and what is said where that is asked for by the first one's.
    OTHER = {"another tag": ({"ETag": '"v1"'}, {"ETag": '"v2"'}, {"ETag": '"v2"'}),
             "another weak tag": ({"ETag": 'W/"v1"'}, {"ETag": 'W/"v2"'}, {"ETag": 'W/"v2"'}),
             "another tag, the same time": ({"ETag": '"v1"', "Last_Modified": FIRST}, {"ETag": '"v2"'},
                                            {"ETag": '"v2"', "Last_Modified": FIRST}),
             "a later time": ({"Last_Modified": FIRST}, {"Last_Modified": LAST}, {"Last_Modified": LAST}),
             "an earlier time": ({"Last_Modified": LAST}, {"Last_Modified": FIRST}, {"Last_Modified": FIRST}),
             "a time far ahead": ({"Last_Modified": "Fri, 02 Nov 2099 10:00:00 GMT"}, {"Last_Modified": LAST}, {"Last_Modified": LAST})}

    def test_not_modified_of_another_version(self):
        for what, (first, second, told) in self.OTHER.items():
            with self.subTest(what):
                shutil.rmtree(self.path("state"), ignore_errors=True)
                self.moved = 0
                self.configure([{"name": "l", "format": "domains", "url": self.server.url + "/l"},
                                {"name": "m", "format": "misp-feed", "url": self.server.url + "/m/"}], run="none")
                e1, e2 = event(1, ["one.m.example"], 1700000000), event(1, ["two.m.example"], 1700000100)
                documents = {"/l": ("one.example\n", "two.example\n"), "/m/manifest.json": (manifest_of(e1), manifest_of(e2)),
                             f"/m/{UUID.format(1)}.json": (e1, e2)}
                for path, (body, _) in documents.items():
                    self.answers(path, body, lambda headers: False, {}, **first)
                self.sync()
                self.assertEqual(self.names(), {"one.example", "one.m.example"})
                for path, (_, body) in documents.items():
                    self.answers(path, body, self.asks, told, **second)
                self.conditions.clear()
                self.sync()
                self.assertEqual(self.names(), {"two.example", "two.m.example"})
                self.assertEqual(sorted(self.conditions), sorted((path, asks) for path in documents for asks in (True, False)))

    def test_not_modified_of_ours(self):
        """It is taken for what it says, by whatever it tells the version."""
        for what, first, told in (("the same tag", {"ETag": '"v1"'}, {"ETag": '"v1"'}), ("weak here", {"ETag": '"v1"'}, {"ETag": 'W/"v1"'}),
                                  ("weak there", {"ETag": 'W/"v1"'}, {"ETag": '"v1"'}), ("nothing", {"ETag": '"v1"'}, {}),
                                  ("a time alone", {"Last_Modified": self.FIRST}, {"ETag": '"v9"'}),
                                  ("the same tag, another time", {"ETag": '"v1"', "Last_Modified": self.FIRST},
                                   {"ETag": '"v1"', "Last_Modified": self.LAST})):
            with self.subTest(what):
                shutil.rmtree(self.path("state"), ignore_errors=True)
                self.moved = 0
                self.configure([{"name": "l", "format": "domains", "url": self.server.url + "/l"}], run="none")
                self.answers("/l", "one.example\n", self.asks, told, **first)
                self.sync()
                self.conditions.clear()
                self.assertIn("feed l: unchanged", self.sync())
                self.assertEqual(self.conditions, [("/l", True)])

    def test_not_modified_without_a_condition(self):
        """That is no answer; what is known stays."""
        self.moved = 0
        self.configure([{"name": "l", "format": "domains", "url": self.server.url + "/l"}], run="none")
        self.answers("/l", "one.example\n", lambda headers: False, {})
        self.sync()
        self.answers("/l", "", lambda headers: True, {"ETag": '"v2"'})
        for _ in range(2):
            self.assertIn("the server answers HTTP 304; the last good version stays", self.sync(code=1))
        self.assertEqual(self.names(), {"one.example"})

    def test_validators_that_never_change(self):
        """For a day they are believed."""
        self.moved = 0
        self.configure([{"name": "l", "format": "domains", "url": self.server.url + "/l"},
                        {"name": "m", "format": "misp-feed", "url": self.server.url + "/m/"}], run="none")
        first, second = event(1, ["one.m.example"]), event(2, ["two.m.example"])
        tag = {"ETag": '"for ever"'}
        for e in first, second:
            self.answers(f"/m/{e['Event']['uuid']}.json", e, self.asks, tag, **tag)
        for day, body, manifest, names in ((0, "one.example\n", manifest_of(first), {"one.example", "one.m.example"}),
                                           (0.9, "two.example\n", manifest_of(second), {"one.example", "one.m.example"}),
                                           (1.1, "two.example\n", manifest_of(second), {"two.example", "two.m.example"}),
                                           (2, "six.example\n", manifest_of(first, second), {"two.example", "two.m.example"}),
                                           (2.2, "six.example\n", manifest_of(first, second),
                                            {"six.example", "one.m.example", "two.m.example"})):
            self.answers("/l", body, self.asks, tag, **tag)
            self.answers("/m/manifest.json", manifest, self.asks, tag, **tag)
            self.after(day)
            self.assertEqual(self.names(), names, day)

    def test_events_whose_time_is_not_raised(self):
        """Each is asked for once a day all the same, under its condition; and without one after a week."""
        self.configure([{"name": "m", "format": "misp-feed", "url": self.server.url + "/"}], run="none")
        paths = [f"/{UUID.format(i)}.json" for i in range(4)]

        def offer(version, believed):
            """A server that tells its versions apart, or one that does not."""
            events = [event(i, [f"{version}{i}.example"]) for i in range(4)]
            self.answers("/manifest.json", manifest_of(*events), lambda headers: False, {})
            for path, e in zip(paths, events):
                tag = '"for ever"' if believed else f'"{version}"'
                self.answers(path, e, lambda headers, tag=tag: headers.get("If-None-Match") == tag, {"ETag": tag}, ETag=tag)

        def asked():
            """The events that were asked for since the last call, and how."""
            taken, self.conditions = [c for c in self.conditions if c[0] in paths], []
            return taken
        offer("one", False)
        self.after(0)
        offer("two", False)
        asked()
        self.after(0.9)
        self.assertEqual(asked(), [])
        # Some in each run, here a quarter of a day apart: in little more than a day all are known.
        seen = []
        for day in 1.01, 1.26, 1.51, 1.76, 2.0:
            self.after(day)
            taken = asked()
            self.assertLessEqual(len(taken), 2)
            self.assertTrue(all(conditional for _, conditional in taken))
            seen += taken
        self.assertEqual(self.names(), {f"two{i}.example" for i in range(4)})
        self.assertEqual(sorted(path for path, _ in seen), paths)
        # The next version has the same tag.
        offer("two", True)
        shutil.rmtree(self.path("state"))
        os.remove(self.table)
        self.after(10)
        offer("six", True)
        for day in range(11, 17):
            self.after(day)
        self.assertEqual(self.names(), {f"two{i}.example" for i in range(4)})
        asked()
        for day in range(17, 20):
            self.after(day)
        self.assertEqual(self.names(), {f"six{i}.example" for i in range(4)})
        self.assertIn((paths[0], False), asked())
