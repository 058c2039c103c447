"""`feedsync try`: what a list is, before it is configured; and what a configured list looks like that cannot be used."""
import gzip, io, re, shutil, signal, socket

from feeds import *
from lists import write_list, written_formats

SHARED = os.environ.get("WEIR_SHARED") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared")
DATA = os.path.join(SHARED, "data")


def settings_of(said):
    """The settings that were told, as a feed of the configuration has them."""
    return dict(re.findall(r"^ {4}(\S+): (.*)$", said.partition("\nfeeds:\n")[2], re.M))


class Tried(FeedLab):
    def tell(self, *arguments, code=0, config="missing.yaml"):
        return self.feedsync("-c", self.path(config), "try", *arguments, code=code)

    def test_every_format(self):
        """What is told makes a feed of which a sync takes every name."""
        names = [f"host{i}.zone{i % 7}.example" for i in range(60)]
        tables = set()
        for form, how in written_formats().items():
            with self.subTest(form):
                text = io.StringIO()
                write_list(how, names, text)
                path = self.write(f"list of {form}#1", text.getvalue())
                said = self.tell(path).stdout
                self.assertIn("names     60\n", said)
                self.assertIn("rejected  0\n", said)
                settings = settings_of(said)
                self.assertEqual(settings.get("format"), form)
                self.configure([{"name": "l", **{key: value.strip('"') for key, value in settings.items()}}])
                self.sync(code=0)
                tables.add(frozenset(name for _, name in self.dump()))
                shutil.rmtree(self.path("state"))
        self.assertEqual(tables, {frozenset(names)})
        self.assertEqual([name for name in os.listdir("/tmp") if name.startswith("feedsync-try-")], [])

    def test_what_would_be_taken(self):
        self.serve()
        text = "||evil.example^\n@@||good.evil.example^\n||com^\n||a.example^$third-party\n||co.uk^\n||localhost^\n||bank.example^\n"
        self.write("www/list.txt", text)
        self.write("names", "bank.example\n")
        self.configure([{"name": "x", "format": "hosts", "url": "file:///none"}], guard={"names": [self.path("names")]})
        said = self.tell(self.url + "/list.txt", config=os.path.basename(self.config)).stdout
        for words in ("looks like `format: adblock`", "names     1\n    evil.example\n", "freed     1\n",
                      "option or action that DNS blocking does not have\n    list:4: ||a.example^$third-party\n",
                      "guarded name\n    list:7: bank.example", "public suffix\n    list:5: co.uk",
                      f'- name: localhost\n    url: "{self.url}/list.txt"\n    format: adblock\n'):
            self.assertIn(words, said)
        self.assertFalse(os.path.exists(self.path("state")))
        self.assertEqual(self.requests(), [("list.txt", 200)])
        self.assertIn("404", self.tell(self.url + "/none", code=2).stderr)
        self.assertIn("not a URL of a kind", self.tell("ftp://lists.example/", code=2).stderr)
        self.assertIn("No such file", self.tell(self.path("none"), code=2).stderr)

    def test_interrupted(self):
        """Nothing is left of a download that a signal ends."""
        os.mkdir(self.path("tmp"))
        listener = socket.create_server(("127.0.0.1", 0))
        for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE:
            with self.subTest(number):
                run = subprocess.Popen([FEEDSYNC, "-c", self.path("missing.yaml"), "try", f"http://127.0.0.1:{listener.getsockname()[1]}/list"],
                                       env={**os.environ, "TMPDIR": self.path("tmp")}, stderr=subprocess.DEVNULL)
                connection, _ = listener.accept()
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\na.example\n")
                wait_for(lambda: glob.glob(self.path("tmp/*/list")))
                run.send_signal(number)
                self.assertEqual(run.wait(60), -number)
                self.assertEqual(os.listdir(self.path("tmp")), [])
                connection.close()
        listener.close()

    def test_no_list(self):
        for name, text, words in (("page", "<html><title>Log in</title>", "an HTML or XML page, not a list"),
                                  ("prose", "The list has moved.\n", "no format is known"), ("empty", "", "no format is known"),
                                  ("manifest", json.dumps(manifest_of(event(1, ["a.example"]))), "the manifest of a MISP feed"),
                                  ("event", json.dumps(event(1, ["a.example"])), "an event of MISP")):
            with self.subTest(name):
                self.assertIn(words, self.tell(self.write(name, text), code=1).stdout)
        with open(self.path("cut"), "wb") as f:
            f.write(gzip.compress(numbered(900).encode())[:-9])
        self.assertIn("cut off", self.tell(self.path("cut"), code=2).stderr)

    def test_real_lists(self):
        """Those that are kept beside the source."""
        if not os.path.isdir(DATA):
            self.skipTest("no real lists here")
        answers = {"misp-feed/manifest.json": "the manifest of a MISP feed", "misp-sample/hashes.csv": "no format is known"}
        for folder, words in (("misp-feed", "an event of MISP"), ("misp-sample", "an event of MISP"),
                              ("warninglists", "a list of MISP's against false positives"), ("names", "looks like `format: domains`")):
            for name in sorted(os.listdir(os.path.join(DATA, folder)))[:12]:
                answer = answers.get(f"{folder}/{name}", "the manifest" if name == "manifest.json" else words)
                with self.subTest(name):
                    code = 0 if folder == "names" else 1
                    self.assertIn(answer, self.tell(os.path.join(DATA, folder, name), code=code).stdout)
        exports = {"csv": "format: csv, field: \"value\"", "rpz": "format: rpz", "text": "separator: bar"}  # one of its lines has an address behind a bar
        for form, words in exports.items():
            with open(os.path.join(DATA, "misp-transcripts", f"restsearch-format-{form}.json")) as f:
                path = self.write(form, json.load(f)["body"])
            self.assertIn(words, self.tell(path).stdout)


class FileUrls(FeedLab):
    def test_this_machine_by_name(self):
        self.write("a#b", "one.example\n")
        self.configure([{"name": "l", "format": "domains", "url": f"file://localhost{self.path('a%23b')}"}])
        self.sync(code=0)
        self.assertEqual(self.dump(), {("exact", "one.example")})


class Advised(FeedLab):
    def test_the_likely_mistake(self):
        """A list that cannot be used by its settings is told with those that would do: by sync, status and compile."""
        lists = {"hosts": "0.0.0.0 {}", "disguised": "{}[.]example", "urls": "http://{}/", "csv": "7;{};x"}
        for form, more, name, words in (("domains", {}, "hosts", "format: hosts"),
                                        ("domains", {}, "disguised", "format: domains, refang: yes"),
                                        ("domains", {}, "urls", "format: domains, values: urls"),
                                        ("hosts", {}, "csv", 'format: csv, field: "2", separator: semicolon'),
                                        ("json", {"field": "x"}, "hosts", "format: hosts"),
                                        ("stix", {}, "hosts", "format: hosts")):
            with self.subTest(words):
                text = "".join(lists[name].format(f"host{i}.example") + "\n" for i in range(20))
                self.configure([{"name": "l", "format": form, "url": "file://" + self.write("list", text), **more}])
                advice = f"it looks like `{words}`"
                self.assertIn(advice, self.sync(code=2))
                self.assertIn(advice, self.feedsync("-c", self.config, "status", code=1).stdout)
                said = self.feedsync("compile", "-f", form, *(["--field", "x"] if more else []), "-o", self.table,
                                     self.path("list"), code=2).stderr
                self.assertIn(advice, said)
        self.assertNotIn("looks like", self.sync_text("host.example\n"))
        page = self.sync_text("<html>", code=1)
        self.assertIn("an HTML or XML page, not a list", page)
        self.assertNotIn("looks like", page)

    def sync_text(self, text, code=0):
        self.configure([{"name": "l", "format": "domains", "url": "file://" + self.write("list", text)}])
        return self.sync(code=code)
