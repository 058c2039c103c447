"""The schemas of STIX by OASIS, which lie among the real data (../shared/data/stix-schemas), as a judge of objects."""
import functools, glob, json, os


@functools.cache
def validators():
    schemas = os.path.join(os.environ.get("WEIR_SHARED", ""), "data/stix-schemas/schemas")
    if not os.path.isdir(schemas):
        print("no schemas of STIX in WEIR_SHARED: objects are not judged by them")
        return None
    import jsonschema
    by_type, by_id = {}, {}
    for path in glob.glob(schemas + "/*/*.json"):
        with open(path) as f:
            schema = json.load(f)
        by_type[os.path.basename(path).removesuffix(".json")] = by_id[schema["$id"]] = schema
    return {kind: jsonschema.Draft202012Validator(schema, resolver=jsonschema.RefResolver(schema["$id"], schema, store=by_id))
            for kind, schema in by_type.items()}


def check_schema(instance):
    """Raises where an object, or a bundle, is not as its type's schema wants it."""
    if validators():
        validators()[instance["type"]].validate(instance)
