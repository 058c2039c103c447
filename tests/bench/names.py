#!/usr/bin/python3
"""Names for the benchmarks: lists of any size and queries, the same at every run.

  tests/bench/names.py listed|popular COUNT > FILE

Real names come first where ../shared/data is beside the checkout, in an order that makes each shorter list a fair sample. What
is missing is recombined from them: a new name has the parent of one real name and a first label that is half another's and
half a third's, so lengths, numbers of labels, generated-looking labels and popular parents stay as they are in life. Without the
real data the names to recombine are made of syllables. As good as all listed names are distinct, of the
popular ones nine in ten; what is the same twice counts once in a table anyway."""
import lzma, os, random, sys

SHARED = os.environ.get("WEIR_SHARED") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared")
SOURCES = {"listed": "malicious-1m.txt.xz", "popular": "benign-100k.txt.xz"}
MADE = {"listed": 400000, "popular": 100000}  # how many are made of syllables where there are no real ones
SEEDS = {"listed": 11, "popular": 12}

SYLLABLES = ("ba be bo ca co da de di fa fi ga go ha he in ka ke la le li lo ma me mi mo na ne no pa pe po ra re ri ro sa se so ta "
             "te ti to un va vi wa xa yo za").split()
ENDINGS = "com com com com com net org info xyz top ru cn de co.uk com.br online site club shop".split()
PLATFORMS = "hosting.example dyndns.example pages.example cloud.example blog.example".split()


def word(draw):
    return "".join(draw.choices(SYLLABLES, k=draw.randrange(2, 6)))


def syllable_name(draw, kind):
    """A registered name, sometimes with a host before it; in lists also hosts of platforms and generated-looking names."""
    name = word(draw) + draw.choice(["", "", "-" + word(draw), str(draw.randrange(100))]) + "." + draw.choice(ENDINGS)
    style = draw.random()
    if kind == "listed" and style < .2:
        name = "".join(draw.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=draw.randrange(8, 18))) + "." + draw.choice(ENDINGS)
    elif kind == "listed" and style < .4:
        name = word(draw) + str(draw.randrange(10000)) + "." + draw.choice(PLATFORMS)
    elif style < .6:
        name = draw.choice(["www", "mail", "cdn", "api", word(draw)]) + "." + name
    return name


def first_names(kind, draw):
    """The names that the others are made of: real ones, or made of syllables. Returns them, and whether they are real."""
    path = os.path.join(SHARED, "data", "names", SOURCES[kind])
    if not os.path.exists(path):
        return list(dict.fromkeys(syllable_name(draw, kind) for _ in range(MADE[kind]))), False
    with lzma.open(path, "rt") as f:
        found = f.read().split()
    draw.shuffle(found)
    return found, True


def recombined(first, draw):
    """As many new names as there are in `first`, or a few less."""
    heads = [name.split(".", 1)[0] for name in first if not name.startswith("xn--")]
    tails = heads[:]
    draw.shuffle(heads)
    draw.shuffle(tails)
    parents = first[:]
    draw.shuffle(parents)
    for head, tail, parent in zip(heads, tails, parents):
        name = f"{head[:(len(head) + 1) // 2]}{tail[len(tail) // 2:]}.{parent.split('.', 1)[1]}"
        if len(name) <= 250 and name.find(".") <= 63:
            yield name


def names(kind, count):
    """Yields `count` names of a kind."""
    draw = random.Random(SEEDS[kind])
    first, _ = first_names(kind, draw)
    yield from first[:count]
    made = len(first)
    while made < count:
        for name in recombined(first, draw):
            if made == count:
                break
            made += 1
            yield name


def real_count(kind):
    """How many real names there are; 0 without the real data."""
    first, real = first_names(kind, random.Random(SEEDS[kind]))
    return len(first) if real else 0


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in SOURCES:
        sys.exit(__doc__)
    for made_name in names(sys.argv[1], int(sys.argv[2])):
        print(made_name)
