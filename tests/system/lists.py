"""Plain lists of names as each format writes them: tests/data/formats/NAME/names.json says how."""
import glob, json, os

FORMATS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "formats")


def written_formats():
    """name -> how it is written, for every format in which a list of names can be written."""
    written = {}
    for path in sorted(glob.glob(os.path.join(FORMATS, "*", "names.json"))):
        with open(path) as f:
            written[os.path.basename(os.path.dirname(path))] = json.load(f)
    return written


def write_list(how, names, f):
    """Writes the names, and what stands around them, to an open file."""
    f.write(how.get("before", ""))
    for i, name in enumerate(names):
        f.write((how.get("between", "") if i else "") + how["each"].replace("{}", name))
    f.write(how.get("after", ""))


def compile_options(how):
    """With these `feedsync compile` reads such a list so that each name stands for all below it too."""
    return [word for option in ("field", "scope") if option in how for word in ("--" + option, how[option])]
