"""Hostile feeds beside a good one."""
from feeds import *


def names(prefix, count, start=0):
    return [f"{prefix}{i}.example" for i in range(start, start + count)]


def lines(*parts):
    return "\n".join(name for part in parts for name in part) + "\n"


class HostileLab(FeedLab):
    """After each run the good feed's newest name is in force, and an `allow` takes effect at once."""

    def begin(self, hostile, formats=("domains",), good=None, settings=None, **more):
        """Publishes a good feed, and hostile ones by what they list at first."""
        self.serve()
        self.good, self.round, self.settings = good or names("good", 2000), 0, settings or {}
        self.write("www/good", lines(self.good))
        feeds = [{"name": "good", "url": self.url + "/good", "format": "domains"}]
        for i, text in enumerate(hostile):
            self.write(f"www/bad{i}", text)
            feeds.append({"name": f"bad{i}", "url": f"{self.url}/bad{i}", "format": formats[i % len(formats)], **more})
        self.all_feeds = feeds
        self.publish(feeds, **self.settings)
        return self.dump()

    def turn(self, *hostile, code=1):
        """Each list has a new version; the good feed's newest name and an `allow` are in force after one sync."""
        self.round += 1
        new, freed = f"new{self.round}.good.example", self.good[self.round]
        for i, text in enumerate(hostile):
            if text is not None:
                self.write(f"www/bad{i}", text)
        self.write("www/good", lines(self.good, [new]))
        said = self.publish(self.all_feeds, code=code, allow=f"\n  - name: {freed}", **self.settings)
        decisions = [line.split("\t")[1] for line in self.feedsync("lookup", self.table, new, freed).stdout.splitlines()]
        self.assertEqual(decisions, ["block", "allow"], said)
        return said

    def alarms(self):
        return {feed["name"]: feed["withheld_alarm"] for feed in self.status()["feeds"] if not feed["well"]}
