"""Entries that expire."""
import email.utils

from feeds import *


def dated(names, seen):
    """Rows of a CSV feed."""
    return "".join(f"{name},{int(seen)}\n" for name in names)


def numbers(count, start=0):
    return [f"n{i}.example" for i in range(start, start + count)]


class Expiry(LaterLab):
    """Of entries, by a CSV feed."""

    def setUp(self):
        super().setUp()
        self.now, self.moved = time.time(), 0
        self.server = self.enterContext(FaultServer())
        self.feed = {"name": "c", "url": self.server.url + "/c.csv", "format": "csv", "field": "n", "seen": "seen",
                     "max-age": "10d"}

    def offer(self, *rows):
        """None: the server is broken."""
        date = email.utils.formatdate(self.now + self.moved, usegmt=True)
        self.server.responses["/c.csv"] = (response("n,seen\n" + "".join(rows), Date=date) if rows else
                                           response("", status="500 Oops", Date=date))

    def after(self, days, *rows, code=0):
        """A sync by so many days after the beginning, with what the server says then."""
        self.pass_until(int(days * DAY))
        self.offer(*rows)
        return self.sync_at(self.moved, code)

    def entries(self):
        return len(self.dump())

    def test_it_is_no_alarm_whatever_version_the_table_is_of(self):
        old, young, stay = (lambda count, start=0, seen=seen: dated(numbers(count, start), seen)
                            for seen in (self.now - DAY, self.now + 8 * DAY, self.now + 80 * DAY))
        many = old(2900), stay(100, 2900)

        def unchanged():
            """Another version of the same table."""
            self.after(1, *many, "\n", "# other words\n")

        def unchanged_often():
            for day in range(1, 4):
                self.after(day, *many, "# \n" * day)

        def refused():
            """A version that came, whose table was refused for another feed's sake."""
            feed = {**self.feed, "max-shrink": 100}
            other = {"name": "o", "url": "file://" + self.write("o", "".join(n + "\n" for n in numbers(9000, 10000))),
                     "format": "domains", "max-shrink": 100}
            self.configure([feed, other], run="none")
            self.after(1, *many)
            self.write("o", "o.example\n")
            self.after(2, *many, "# \n", code=1)
            self.write("o", "".join(n + "\n" for n in numbers(9000, 10000)))
            self.after(3, *many, "# \n# \n")
            self.configure([feed, {**other, "url": "file:///nowhere/o"}], run="none")

        def dropped():
            """The server takes out what has expired."""
            self.assertIn("because entries expired", self.after(20, stay(100, 2900)))

        def rolled_back():
            self.after(1, old(2900), stay(101, 2900))
            self.at(2 * DAY, "rollback", 1, code=0)
            self.at(2 * DAY, "resume", code=0)
            self.after(3, *many, "# \n")

        def accepted():
            """By hand, at once."""
            self.after(1, old(300), stay(100, 2900), code=1)
            self.offer(old(300), stay(100, 2900))
            self.at(DAY, "sync", "--accept", "c", code=0)
            self.after(2, old(1200), stay(100, 2900), "# \n")

        for case in (lambda: None, unchanged, unchanged_often, refused, dropped, rolled_back, accepted):
            with self.subTest(case.__name__):
                shutil.rmtree(self.path("state"), ignore_errors=True)
                with contextlib.suppress(FileNotFoundError):
                    os.remove(self.table)
                self.configure([self.feed], run="none", **{"table-max-growth": 1000})
                self.after(0, *many)
                case()
                broken = self.after(20, code=1)
                self.assertNotIn("ALARM", broken)
                if case is not refused:
                    self.assertIn(self.entries(), (100, 101))
