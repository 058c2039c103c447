"""What tests of channels share: a compiler that publishes to them, and what an operator would check that by; and a store that is
filled by hand, with a puller's configuration."""
import hashlib

from feeds import *


def sha256(octets):
    return hashlib.sha256(octets).hexdigest()


def read(path):
    with open(path, "rb") as f:
        return f.read()


def site_cache(changes):
    """conf/fleet/site-cache.conf with names, addresses and paths changed: {old: new}."""
    text = read(os.path.join(HERE, "../../conf/fleet/site-cache.conf")).decode()
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


class ChannelLab(SigningLab, LaterLab):
    """A test case with a compiler and channels; names of the list are added by `publish`."""

    def setUp(self):
        super().setUp()
        self.key = self.make_key("ours")
        self.names = [f"n{i}.example" for i in range(3000)]
        self.channels = [{"name": "stable"}]
        self.apply()

    def apply(self, **settings):
        channels = [{"to": self.path("srv", c["name"]), "sign-key-file": self.path("ours.sec"), **c} for c in self.channels]
        os.makedirs(self.path("srv"), exist_ok=True)
        self.configure(self.local_feeds(list="".join(name + "\n" for name in self.names)), run="none", distribute=json.dumps(channels),
                       **settings)

    def publish(self, *more, code=0):
        self.names += more
        self.write("list", "".join(name + "\n" for name in self.names))
        return self.sync(code)

    def distribute(self, *words, code=0, config=None):
        return self.feedsync("-c", config or self.config, "distribute", *words, code=code).stderr

    def later(self, seconds, *words, code=None):
        self.pass_until(seconds)
        return self.at(seconds, *words, code=code)

    def object(self, name, channel="stable"):
        return read(self.path("srv", channel, name))

    def objects(self, channel="stable"):
        return sorted(os.path.relpath(os.path.join(d, f), self.path("srv", channel))
                      for d, _, files in os.walk(self.path("srv", channel)) for f in files)

    def verified(self, name="latest", channel="stable", key="ours"):
        """A manifest, verified by minisign as an operator does it by hand."""
        manifest = self.object(name, channel)
        lines = manifest.split(b"\n", 4)
        self.write("body.minisig", (b"\n".join(lines[:4]) + b"\n").decode())
        self.write("body", lines[4].decode())
        self.minisign("-V", "-m", self.path("body"), "-x", self.path("body.minisig"), "-p", key + ".pub")
        return json.loads(lines[4])

    def unpacked(self, name, base=None):
        return subprocess.run(["zstd", "-q", "-d", "-c", "--long=31", *([f"--patch-from={base}"] if base else []),
                               self.path("srv/stable", name)], check=True, capture_output=True).stdout

    def table_octets(self):
        return read(self.table)

    def assert_shows_published(self, channel="stable"):
        """Who reads the channel gets the published table: each object is there as the manifest says. Returns the manifest."""
        manifest, octets = self.verified(channel=channel), self.table_octets()
        table = manifest["table"]
        self.assertEqual((table["sha256"], table["size"]), (sha256(octets), len(octets)))
        packed = self.object(f"tables/{table['sha256']}.weir.zst", channel)
        self.assertEqual((sha256(packed), len(packed)), (table["zsha256"], table["zsize"]))
        for delta in manifest["deltas"]:
            packed = self.object(f"deltas/{delta['from'][:16]}-{table['sha256'][:16]}.zst", channel)
            self.assertEqual((sha256(packed), len(packed)), (delta["sha256"], delta["size"]))
        self.assertEqual(self.object("latest", channel), self.object(f"manifests/{manifest['serial']:012}", channel))
        return manifest

    def channel(self, name="stable"):
        return next(c for c in self.status()["channels"] if c["name"] == name)

    def conditions(self):
        return {c["condition"] for c in self.status()["conditions"]}


class PullLab(SigningLab):
    """A test case with a store in www, a compiler's key "ours", and a puller of it."""

    def setUp(self):
        super().setUp()
        self.key = self.make_key("ours")
        self.channel, self.serial, self.tables = "stable", 0, 0
        self.state = self.path("state")
        self.pull_from("file://" + self.path("www"))

    def pull_from(self, url, *keys, **settings):
        settings = {"state": self.state, "table": self.table, "run": "none", **settings}
        keys = ", ".join(keys or [self.key])
        ca = f"  ca: {self.path('ca.pem')}\n" if url.startswith("https:") else ""
        self.config = self.write("pull.yaml", "".join(f"{key}: {value}\n" for key, value in settings.items()) +
                                 f"pull:\n  url: {url}\n  keys: [{keys}]\n{ca}")

    def make_table(self, *names):
        """A table of a compiler's, with the self-test in it, each of a higher generation. Returns its path."""
        self.tables += 1
        self.write("names.txt", "".join(name + "\n" for name in names))
        compiler = self.write("compiler.yaml", f"state: {self.path('compiler')}\ntable: {self.path('compiled.weir')}\nrun: none\n"
                              f"feeds:\n  - name: l\n    url: file://{self.path('names.txt')}\n    format: domains\n")
        self.feedsync("-c", compiler, "sync", code=0)
        path = self.path(f"{self.tables}.weir")
        os.link(self.path("compiled.weir"), path)
        return path

    def put(self, name, octets):
        path = self.path("www", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".new", "wb") as f:
            f.write(octets)
        self.clock = getattr(self, "clock", int(time.time()) - 100000) + 1
        os.utime(path + ".new", (self.clock, self.clock))  # that is how nginx tells versions apart
        os.replace(path + ".new", path)

    def compress(self, path, old=None):
        return subprocess.run(["zstd", "-q", "-c", *([f"--patch-from={old}"] if old else []), path],
                              check=True, capture_output=True).stdout

    def offer(self, table, *olds, frames=None, delta=None, sign="ours", change=None, spoil=None, **members):
        """Puts a table into the store, deltas from older ones, and a manifest of the next serial. `frames`, `delta`: the octets
        of the objects in their place; `change`: changes the manifest before it is signed, `spoil`: its object afterwards.
        Returns the manifest's object."""
        octets = read(table)
        generation, rules = (int.from_bytes(octets[at:at + 8], "little") for at in (16, 40))
        frames = self.compress(table) if frames is None else frames
        self.serial += 1
        now = int(time.time())
        body = {"format": 1, "channel": self.channel, "serial": self.serial, "created": now, "expires": now + 7 * DAY,
                "urgent": False, "publisher": "compiler.example",
                "table": {"sha256": sha256(octets), "size": len(octets), "zsha256": sha256(frames), "zsize": len(frames),
                          "generation": generation % 2 ** 32, "rules": rules % 2 ** 32},
                "deltas": [], "must_pass": ["passes.example"], "must_block": ["self-test.weir.example"], **members}
        self.put(f"tables/{sha256(octets)}.weir.zst", frames)
        for old in olds:
            made, base = self.compress(table, old) if delta is None else delta, sha256(read(old))
            self.put(f"deltas/{base[:16]}-{sha256(octets)[:16]}.zst", made)
            body["deltas"].append({"from": base, "sha256": sha256(made), "size": len(made)})
        if change:
            change(body)
        manifest = self.sign_manifest(body, sign)
        manifest = spoil(manifest) if spoil else manifest
        self.put(f"manifests/{self.serial:012}", manifest)
        self.put("latest", manifest)
        return manifest

    def sign_manifest(self, body, key="ours"):
        text = body if isinstance(body, str) else json.dumps(body)
        self.write("body", text)
        self.minisign("-S", "-s", key + ".sec", "-m", self.path("body"), "-x", self.path("body.minisig"), "-t", "channel and serial")
        return read(self.path("body.minisig")) + text.encode()

    def pull(self, code=0):
        return self.feedsync("-c", self.config, "pull", "--once", code=code).stderr

    def record(self):
        with open(os.path.join(self.state, "pull.json")) as f:
            return json.load(f)
