"""Each allocation of what is told to others fails once: trends, what feeds are worth, outputs, sightings. The exit code tells the truth,
what it prints or shows is whole or is not there, and the next one does all. How allocations are made to fail is told in test_torture.py."""
import shutil

from sighting_lab import *
from test_torture import BUILD, LEAK, REPAIRER, SHIM, WHOLE_STACKS
from strace_lab import *

QUESTIONS = (("trends", "--json"), ("trends", "--csv"), ("trends", "--html"), ("trends",), ("feeds", "--json"), ("feeds",))


@unittest.skipIf(BUILD in ("asan", "tsan"), "wants to be loaded first, as the preloaded library does")
@unittest.skipUnless(BUILD == "leak" or ALL, "the leak build finds all that this one would")
class Told(StraceLab, SightingLab):
    PART = 5  # cases of each command in a part

    def setUp(self):
        super().setUp()
        self.partner = {"name": "community", "of": ["m"], "to": "misp-feed", "directory": self.path("told"), "recipients": ["cert.example"],
                        "delay": "15m"}
        outputs = [{"name": f, "format": f, "to": self.path("srv", f), "recipients": ["isp-b.example"], "tlp": "green", "of": ["m"],
                    **({"zone": "rpz.isp.example"} if f == "rpz" else {})} for f in FORMATS]
        self.feed |= {"republish": "yes", "tlp": "green"}
        self.names = [f"n{i}.example" for i in range(20)]
        self.apply(sighted_event(1, self.names), share=json.dumps(outputs))
        self.hit(*((name, 100, 50) for name in self.names))
        shutil.copytree(self.path("state"), self.path("before"))

    def begin_again(self):
        for folder in "state", "srv", "told":
            shutil.rmtree(self.path(folder), ignore_errors=True)
        shutil.copytree(self.path("before"), self.path("state"))

    def run_with(self, *words, program=FEEDSYNC, **env):
        return subprocess.run([program, "-c", self.config, *words], capture_output=True, text=True, timeout=120, env={**os.environ, **env})

    def fail(self, number, *words):
        """Lets an allocation fail; what a library has lost is recognised by stacks that take long to record."""
        for more in {}, WHOLE_STACKS:
            self.begin_again()
            result = self.run_with(*words, LD_PRELOAD=SHIM, FAIL_ALLOC=str(number), **more)
            if result.returncode != LEAK:
                break
        self.assertIn(result.returncode, (0, 1, 2), f"{words} allocation {number} fails (TORTURE_SEED={self.seed}):\n{result.stderr}")
        self.assertTrue(result.returncode == 0 or result.stderr.strip(), (words, number))
        return result

    def numbers(self, *words):
        self.begin_again()
        self.assertEqual(self.run_with(*words, LD_PRELOAD=SHIM, FAIL_ALLOC="0", COUNT_ALLOC=self.path("count")).returncode, 0)
        with open(self.path("count")) as f:
            numbers = [int(line) for line in f]
        os.remove(self.path("count"))
        self.assertGreater(len(numbers), 30, words)
        return self.part(numbers)

    def test_questions(self):
        self.begin_again()
        for words in QUESTIONS:
            whole = self.run_with(*words, program=REPAIRER).stdout
            for n in self.numbers(*words):
                result = self.fail(n, *words)
                if result.returncode == 0:
                    self.assertEqual(result.stdout, whole, (words, n, result.stderr))

    def shown(self, folder):
        return {path.removeprefix(self.path(folder)): open(path).read() for path in glob.glob(self.path(folder, "**/current/**"), recursive=True)
                if os.path.isfile(path)}

    def names_of(self, folder):
        return {name for text in self.shown(folder).values() for name in re.findall(r"\bn\d+\.example", text)}

    def test_deeds(self):
        for word, folder in ("share", "srv"), ("sightings", "told"):
            for n in self.numbers(word):
                result = self.fail(n, word)
                if result.returncode == 0:
                    self.assertEqual(self.names_of(folder), set(self.names), (word, n, result.stderr))
                for text in self.shown(folder).values():
                    self.assertTrue(text.endswith(("\n", "}")), (word, n))
                after = self.run_with(word, program=REPAIRER)
                complaint = f"{word}, allocation {n} (TORTURE_SEED={self.seed}): {result.returncode}\n{result.stderr}\nthe next one:\n{after.stderr}"
                self.assertEqual((after.returncode, self.names_of(folder)), (0, set(self.names)), complaint)
