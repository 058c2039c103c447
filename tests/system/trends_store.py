"""A store of trends with what a test wants to have been hit."""
import contextlib, os, re, sqlite3, struct, time

DAY = 86400
TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def schema():
    """The statements that make the store, out of the source."""
    source = open(os.path.join(TOP, "feedsync/trends/trends_store.c")).read()
    text = re.sub(r"/\*.*?\*/", "", source[source.index(".schema ="):source.index("};", source.index(".schema ="))], flags=re.S)
    return "".join(re.findall(r'"([^"]*)"', text))


SETTLED = 600  # seconds after which a day that is over is shown


def today_after(settled=SETTLED):
    """The number of today since 1970, for who takes a day for over only so many seconds after its end. Where that is about to come it waits,
    so that it is the same day until the test has ended."""
    left = DAY - (time.time() - settled) % DAY
    if left < 90:
        time.sleep(left + 1)
    return int(time.time() - settled) // DAY


def make_store(state, days, today=None):
    """`days`: how many days ago -> rows of (name, hits, clients, {more}). `today`: its number since 1970, if not by the clock."""
    os.makedirs(state, exist_ok=True)
    db = sqlite3.connect(os.path.join(state, "trends.sqlite"))
    if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        db.executescript(schema() + "PRAGMA user_version=1;")
    today = today_after() if today is None else today
    for ago, rows in days.items():
        day = today - ago
        db.execute("INSERT OR IGNORE INTO day VALUES(?,0)", (day,))
        for name, hits, clients, *more in rows:
            more = {"scope": 0, "category": "malicious", "action": "nxdomain", "grp": "default", "hour": 9, **(more[0] if more else {})}
            hours = [0] * 24
            hours[more["hour"]] = hits
            db.execute("INSERT INTO rule_day VALUES(?,?,?,?,?,?,?,?,?,?,NULL,0)",
                       (day, name, more["scope"], more["category"], more["action"], more["grp"], hits, clients, clients, struct.pack("<24I", *hours)))
            blocked = hits if more["action"] != "log" else 0
            db.execute("INSERT INTO traffic VALUES(?,?,?,?,0,0,0) ON CONFLICT DO UPDATE SET blocked=blocked+excluded.blocked, logged=logged+excluded.logged",
                       (day * 24 + more["hour"], 1000000 if more["hour"] == 9 else None, blocked, hits - blocked))
    db.commit()
    db.close()


def ask_store(state, sql, *values):
    """The rows that answer it. The store is not opened read-only: what is left of a commit that was cut off must be rolled back."""
    with contextlib.closing(sqlite3.connect(f"file:{os.path.join(state, 'trends.sqlite')}?mode=rw", uri=True)) as db:
        return db.execute(sql, values).fetchall()


def is_written(state):
    """Whether the store has been written once since its process began."""
    try:
        return ask_store(state, "SELECT count(*) FROM process_count WHERE what = 'written'") == [(1,)]
    except sqlite3.Error:
        return False


def day_text(ago):
    return time.strftime("%Y-%m-%d", time.gmtime((today_after() - ago) * DAY))
