"""misp-look: what a MISP pushes makes a `run` look at once. Nothing of what is pushed is used."""
import http.client

from feeds import *
from misp_peer import *

LOOK = os.path.join(os.path.dirname(__file__), "..", "..", "conf", "misp-look")
TOKEN = "token-0123456789"


class Push(FeedLab):
    def setUp(self):
        super().setUp()
        self.misp = self.enterContext(Misp())
        key, self.token = self.write("key", Misp.KEY), self.write("token", TOKEN + "\n")
        os.chmod(key, 0o600)
        self.misp.attributes = [misp_attribute(1, "old.example")]
        self.configure([{"name": "m", "format": "misp-rest", "url": self.misp.url, "key-file": key, "interval": "1d"}], run="none")
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        self.addCleanup(daemon.stop)
        wait_for(lambda: "published" in daemon.log())
        self.port = free_port()

    def begin(self, *words):
        look = Process(self, "misp-look", ["/usr/bin/python3", LOOK, "--feedsync", FEEDSYNC, "-c", self.config, *words, "m"])
        self.addCleanup(look.stop)
        return look

    def names(self):
        return {name for _, name in self.dump()}

    def post(self, authorization=TOKEN, body=b'{"Event": {}}', method="POST"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, "/", body=body, headers={"Authorization": authorization} if authorization else {})
        status = connection.getresponse().status
        connection.close()
        return status

    def indexes(self):
        return len([r for r in self.misp.requests if r.path == "/events/index"])

    def test_webhook(self):
        look = self.begin("--listen", f"127.0.0.1:{self.port}", "--token-file", self.token)
        wait_for(lambda: listening(self.port))
        before = self.indexes()
        for authorization, method, status in (("", "POST", 403), ("token", "POST", 403), (TOKEN + "x", "POST", 403), (TOKEN, "GET", 501)):
            self.assertEqual(self.post(authorization, method=method), status)
        # One that says nothing holds up nobody for long.
        mute = self.enterContext(socket.create_connection(("127.0.0.1", self.port)))
        mute.sendall(b"POST / HTTP/1.1\r\n")
        mute.close()
        # The hint comes before the event is published.
        self.misp.edit(1, misp_attribute(2, "new.example"))
        self.assertEqual(self.post("Bearer " + TOKEN, body=b"x" * 200000), 204)
        self.misp.publish(1)
        wait_for(lambda: "new.example" in self.names())
        self.assertIn("hint by 127.0.0.1", look.log())
        # As many as there are come to one look, and one more behind it.
        wait_for(lambda: self.indexes() == before + 2)
        self.assertEqual([self.post() for _ in range(20)], [204] * 20)
        wait_for(lambda: self.indexes() >= before + 4)
        self.assertLessEqual(self.indexes(), before + 6)

    @needs_shared
    def test_zmq(self):
        """The messages of a real MISP's plugin."""
        import zmq
        publisher = zmq.Context.instance().socket(zmq.PUB)
        self.addCleanup(publisher.close, linger=0)
        port = publisher.bind_to_random_port("tcp://127.0.0.1")
        look = self.begin("--zmq", f"tcp://127.0.0.1:{port}")
        with open(f"{SHARED}/data/misp-transcripts/zmq-messages.txt", "rb") as f:
            messages = [line.rstrip(b"\n") for line in f]
        topics = lambda *wanted: [m for m in messages if m.partition(b" ")[0].decode() in wanted]
        self.misp.edit(1, misp_attribute(2, "new.example"))
        self.misp.publish(1)
        for topic, hints in (("misp_json_self", False), ("misp_json_attribute", False), ("misp_json", True)):
            before = look.log().count("hint by")
            for _ in range(3):  # those that come before the subscription are lost
                for message in topics(topic) or [topic.encode() + b" {}"]:
                    publisher.send(message)
                time.sleep(0.3)
            if hints:
                wait_for(lambda: "hint by misp_json" in look.log())
            else:
                self.assertEqual(look.log().count("hint by"), before)
        wait_for(lambda: "new.example" in self.names())
        self.misp.unpublish(1)
        for message in topics("misp_json_event"):
            publisher.send(message)
        wait_for(lambda: "new.example" not in self.names())

    def test_mistakes(self):
        for words, said in (([], "--listen, --zmq, or both"), (["--listen", "127.0.0.1:1"], "--listen goes with --token-file"),
                            (["--zmq", "tcp://127.0.0.1:1", "--user", "a"], "--user goes with --password-file"),
                            (["--listen", "127.0.0.1:1", "--token-file", self.write("empty", "")], "empty is empty")):
            result = subprocess.run(["/usr/bin/python3", LOOK, *words, "m"], capture_output=True, text=True, timeout=60)
            self.assertNotEqual(result.returncode, 0)
            self.assertIn(said, result.stderr)
