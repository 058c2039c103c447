"""From which archive the scripts take Unbound's source: from that of the distribution, whatever other repositories have."""
import hashlib, os, shutil, subprocess, unittest

from lab import *

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
ASK = """set -eu
mount --bind "$WORK/os-release" /etc/os-release
. conf/packages.sh
. conf/debian-source.sh
work=$WORK/work
newest_source unbound
"""


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("apt-get"), "needs root, to show another /etc/os-release, and apt")
class Archive(Lab):
    def repository(self, name, origin, version):
        """A repository that has the source package of Unbound: its index, which is all that is asked."""
        base = f"{name}/dists/stable"
        self.write(f"{base}/main/binary-amd64/Packages", f"Package: {name}\nVersion: 1\nArchitecture: amd64\nFilename: none.deb\nSize: 1\n"
                   f"SHA256: {'0' * 64}\nDescription: none\n")
        self.write(f"{base}/main/source/Sources", f"Package: unbound\nBinary: unbound\nVersion: {version}\nFormat: 3.0 (quilt)\nDirectory: pool\n"
                   f"Checksums-Sha256:\n {'0' * 64} 1 unbound_{version}.dsc\n")
        release = f"Origin: {origin}\nCodename: stable\nArchitectures: amd64\nComponents: main\nDate: Mon, 30 Nov 2026 00:00:00 UTC\nSHA256:\n"
        for index in ("main/binary-amd64/Packages", "main/source/Sources"):
            with open(self.path(f"{base}/{index}"), "rb") as f:
                data = f.read()
            release += f" {hashlib.sha256(data).hexdigest()} {len(data)} {index}\n"
        self.write(f"{base}/Release", release)
        return f"deb [trusted=yes arch=amd64] file:{self.path(name)} stable main\n"

    def newest(self, system, *lines):
        """What is found where /etc/os-release says `system`, and these repositories are enabled. Returns it, and what was said."""
        for directory in ("state/lists/partial", "cache/archives/partial", "work/lists/partial"):
            os.makedirs(self.path(directory), exist_ok=True)
        self.write("os-release", f"ID={system}\n")
        self.write("sources.list", "".join(lines))
        self.write("apt.conf", f'''Dir::Etc::sourcelist "{self.path("sources.list")}"; Dir::Etc::sourceparts "-"; Dir::State "{self.path("state")}";
Dir::State::status "/dev/null"; Dir::Cache "{self.path("cache")}"; Acquire::AllowInsecureRepositories "yes"; APT::Sandbox::User "";
APT::Architecture "amd64"; APT::Architectures {{ "amd64"; }};''')
        environment = {**os.environ, "APT_CONFIG": self.path("apt.conf"), "WORK": self.directory}
        subprocess.run(["apt-get", "-q", "update"], env=environment, check=True, capture_output=True)
        result = subprocess.run(["unshare", "--mount", "bash", "-c", ASK], cwd=TOP, env=environment, capture_output=True, text=True)
        return result.stdout.strip(), result.stderr

    def test_each_distribution_asks_its_own(self):
        debian = self.repository("debian", "Debian", "1.17.1-2+deb12u4")
        ubuntu = self.repository("ubuntu", "Ubuntu", "1.19.2-1ubuntu3.5")
        other = self.repository("other", "Somebody", "1.99-1")
        for system, lines, expected in (
            ("debian", (debian, ubuntu, other), "1.17.1-2+deb12u4"),
            ("ubuntu", (debian, ubuntu, other), "1.19.2-1ubuntu3.5"),
            ('"ubuntu"', (other, ubuntu), "1.19.2-1ubuntu3.5"),
        ):
            with self.subTest(system=system):
                found, said = self.newest(system, *lines)
                self.assertEqual(found, expected, said)
        version, said = self.newest("ubuntu", debian, other)
        self.assertEqual(version, "")
        self.assertIn("no repository of the Ubuntu archive is enabled", said)
