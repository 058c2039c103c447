"""Real object stores on loopback, from Debian's packages: Ceph's RADOS Gateway and OpenStack Swift. Each has a bucket "weir" that one
user writes to and everybody reads, lies in the directory of the test, and is killed when the test ends: nothing of it is kept."""
import getpass

from lab import *

SIGNED = "aws:amz:us-east-1:s3"
PROGRAMS = {"ceph": ("radosgw", "radosgw-admin", "ceph-mon", "ceph-osd", "ceph-authtool", "monmaptool", "ceph"),
            "swift": ("swift-proxy-server", "swift-account-server", "swift-container-server", "swift-object-server")}

# What swift-ring-builder does for one device, for all kinds at once.
MAKE_RINGS = """
import sys
from swift.common.ring import RingBuilder
for word in sys.argv[2:]:
    kind, port = word.split(":")
    builder = RingBuilder(4, 1, 0)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1.0, "ip": "127.0.0.1", "port": int(port), "device": "d1"})
    builder.rebalance()
    builder.get_ring().save(f"{sys.argv[1]}/{kind}.ring.gz")
"""


def missing(store):
    """Why this store cannot be started here, or None."""
    lacking = [program for program in PROGRAMS[store] if not shutil.which(program)]
    if lacking:
        return f"no {lacking[0]}"
    with tempfile.NamedTemporaryFile() as f:
        try:
            os.setxattr(f.name, "user.weir", b"1")
        except OSError as error:
            return f"no extended attributes in {tempfile.gettempdir()}: {error.strerror}" if store == "swift" else None


class Store:
    """What both have in common. `start` gives it `url`, where it speaks S3, `read_url`, where everybody reads the bucket, and `front`,
    the process that answers."""

    def __init__(self, lab):
        self.lab, self.processes, self.port = lab, [], free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        os.makedirs(self.path())

    def path(self, *parts):
        return self.lab.path(self.NAME, *parts)

    def run(self, *command, **environment):
        result = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120)
        if result.returncode != 0:
            raise RuntimeError(f"{command}: {result.stdout}{result.stderr}")
        return result.stdout

    def daemon(self, name, *command, **environment):
        process = Process(self.lab, name, command, environment)
        self.processes.append(process)
        return process

    def kill(self):
        for process in self.processes:
            process.popen.kill()

    def request(self, method, name="", *more, octets=b""):
        """What the store answers to a signed request: (status, octets)."""
        user, secret = self.KEYS
        result = subprocess.run(["curl", "-sS", "-X", method, "--aws-sigv4", SIGNED, "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD", *more,
                                 *(["--data-binary", "@-", "-H", "Content-Type: application/octet-stream"] if octets else []), "-w", "\n%{http_code}",
                                 f"http://{user.replace(':', '%3A')}:{secret}@127.0.0.1:{self.port}/weir{name}"],
                                input=octets, capture_output=True, check=True, timeout=120)
        body, _, status = result.stdout.rpartition(b"\n")
        return int(status), body

    def make_bucket(self, *more):
        """The first request takes its time: what the store needs is made then."""
        wait_for(lambda: self.request("PUT", "", *more)[0] in (200, 409), 120, 0.5)


class Ceph(Store):
    """A monitor, one OSD in memory, and the gateway. The OSD's place is set by hand: by itself it does so in the moment of its start, and
    fails where the monitor is not ready. Between the daemons nobody is asked who he is."""
    NAME = "ceph"
    KEYS = ("publisher", "publisher-secret")

    def start(self):
        monitor, conf = free_port(), self.path("ceph.conf")
        self.lab.write("ceph/ceph.conf", f"""[global]
fsid = 5f0e1e6c-0000-4000-8000-000000000001
mon host = v1:127.0.0.1:{monitor}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr2 = false
auth cluster required = none
auth service required = none
auth client required = none
run dir = {self.path()}
admin socket = {self.path("$name.socket")}
pid file = {self.path("$name.pid")}
log file = {self.path("$name.log")}
keyring = {self.path("keyring")}
mon data = {self.path("mon")}
mon allow pool size one = true
osd data = {self.path("osd")}
osd objectstore = memstore
memstore device bytes = 536870912
osd class update on start = false
osd crush update on start = false
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
rgw data = {self.path("rgw")}
rgw frontends = beast endpoint=127.0.0.1:{self.port} tcp_nodelay=1
rgw thread pool size = 8
""")
        for folder in "mon", "osd", "rgw":
            os.makedirs(self.path(folder))
        ceph = lambda *words: self.run("ceph", "-c", conf, "--connect-timeout", "60", *words)
        self.run("ceph-authtool", "-C", self.path("keyring"), "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
        self.run("ceph-authtool", self.path("keyring"), "--gen-key", "-n", "client.admin", *(word for who in ("mon", "osd") for word in ("--cap", who, "allow *")))
        self.run("monmaptool", "--create", "--fsid", "5f0e1e6c-0000-4000-8000-000000000001", "--addv", "a", f"v1:127.0.0.1:{monitor}",
                 self.path("monmap"))
        self.run("ceph-mon", "-c", conf, "--mkfs", "-i", "a", "--monmap", self.path("monmap"), "--keyring", self.path("keyring"))
        self.daemon("ceph-mon", "ceph-mon", "-c", conf, "-i", "a", "-f")
        wait_for(lambda: listening(monitor), 120)
        ceph("osd", "create")
        self.run("ceph-osd", "-c", conf, "-i", "0", "--mkfs")
        ceph("osd", "crush", "add", "osd.0", "1.0", "root=default")
        self.daemon("ceph-osd", "ceph-osd", "-c", conf, "-i", "0", "-f")
        wait_for(lambda: "1 up" in ceph("osd", "stat"), 120, 0.3)
        self.run("radosgw-admin", "-c", conf, "user", "create", "--uid=weir", "--display-name=weir", f"--access-key={self.KEYS[0]}",
                 f"--secret-key={self.KEYS[1]}")
        self.start_front()
        self.make_bucket()
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::weir/*"}]}
        status, said = self.request("PUT", "?policy=", octets=json.dumps(policy).encode())
        if status != 204:
            raise RuntimeError(f"no policy of the bucket: {status} {said}")
        self.read_url = f"{self.url}/weir"

    def start_front(self):
        self.front = self.daemon("radosgw", "radosgw", "-c", self.path("ceph.conf"), "-n", "client.admin", "-f")
        wait_for(lambda: listening(self.port), 120)


class Swift(Store):
    """One server of each kind, one copy of everything. Users and their secrets stand in the proxy's configuration. It wants to be told of a
    memcached, and does without it."""
    NAME = "swift"
    KEYS = ("weir:publisher", "publisher-secret")

    def start(self):
        self.lab.write("swift/swift.conf", "[swift-hash]\nswift_hash_path_suffix = weir\nswift_hash_path_prefix = weir\n")
        ports = {kind: free_port() for kind in ("account", "container", "object")}
        self.run("/usr/bin/python3", "-c", MAKE_RINGS, self.path(), *(f"{kind}:{port}" for kind, port in ports.items()))
        for kind, port in ports.items():
            os.makedirs(self.path("devices/d1", kind + "s"))
            conf = self.configuration(kind, port, f"""devices = {self.path("devices")}
mount_check = false
fallocate_reserve = 0
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
""")
            self.daemon("swift-" + kind, f"swift-{kind}-server", conf, "-v")
        self.configuration("proxy", self.port, f"""[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats s3api tempauth proxy-server
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:{free_port()}
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
allow_multipart_uploads = false
check_bucket_owner = false
[filter:tempauth]
use = egg:swift#tempauth
user_weir_publisher = {self.KEYS[1]} .admin
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
""")
        self.start_front()
        wait_for(lambda: all(map(listening, ports.values())))
        self.make_bucket("-H", "x-amz-acl: public-read")
        self.read_url = f"{self.url}/v1/AUTH_weir/weir"

    def configuration(self, kind, port, more):
        return self.lab.write(f"swift/{kind}.conf", f"[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = {port}\nworkers = 0\nuser = {getpass.getuser()}\n"
                              f"swift_dir = {self.path()}\n{more}")

    def start_front(self):
        self.front = self.daemon("swift-proxy", "swift-proxy-server", self.path("proxy.conf"), "-v")
        wait_for(lambda: listening(self.port))
