#!/usr/bin/env python3
"""Prints the digest of every event and SDK of a list: cargo telemetry list --format json PROGRAM | python3 read_digests.py

Everything it does is described in event-record.md. Exit code 1: the list says something else.
"""
import hashlib, json, struct, sys

FACTOR, ALL = 0x9e3779b97f4a7c15f39cc0605cedc835, 2**128 - 1

def text(words):
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:16], "big")

def combine(left, right):
    mixed = (left * FACTOR + right) & ALL
    mixed = (mixed ^ mixed >> 67) * FACTOR & ALL
    mixed = (mixed ^ mixed >> 59) * FACTOR & ALL
    return mixed ^ mixed >> 71

def fold(start, digests):
    for digest in digests:
        start = combine(start, digest)
    return start

def names(all):
    return "".join(f";{len(name.encode())}:{name}" for name in all)

def field(of):
    return combine(text(of["name"]), type_(of["type"]))

def type_(of):
    if isinstance(of, str):  # bool, count_bucket, duration_bucket, os, os_version, pseudonym
        return text(of)
    (kind, of), = of.items()
    match kind:
        case "int": return text(f"int;{of['min']};{of['max']}")
        case "unbounded": return text(f"unbounded;{of}")
        case "text": return text(f"text;{of['max_len']}")
        case "enum": return text("enum" + names(of))
        case "version": return text("version" + names([of.get("prefix", "")]))
        case "packages":
            listed = (names(of.get(key, [])) for key in ("names", "prefixes"))
            return text("packages;{};names{};prefixes{}".format(of["max"], *listed))
        case "optional" | "one_of": return combine(text(kind), type_(of))
        case "array": return fold(text("array"), [of["len"], type_(of["of"])])
        case "list": return fold(text("list"), [of["max"], type_(of["of"])])
        case "struct": return fold(text("struct"), map(field, of))
        case "variants":
            held = lambda one: type_(one["type"]) if "type" in one else 0
            return fold(text("variants"), (combine(text(one["name"]), held(one)) for one in of))

def sample(of):
    return text("sample;" + struct.pack(">d", of["sample"]).hex())

def whole(key, parts):
    return (key + sum(combine(key, part) for part in parts)) & ALL

def event(of):
    last = text(of["discriminant"]) if "discriminant" in of else 0
    key = fold(text("event"), [text(of["sdk"]), text(of["event"]), last])
    throttle = of["throttle"]
    throttle = throttle if isinstance(throttle, str) else f"rolling;{throttle['rolling_hours']}"
    level = [text("level;basic")] if of.get("level") == "basic" else []
    return whole(key, [text("event"), sample(of), text("throttle;" + throttle), *level, *map(field, of["fields"])])

def sdk(of):
    wire = of["wire"]
    if not isinstance(wire, str):
        wire = "event_batch;strict" if wire["event_batch"]["strict"] else "event_batch"
    destination = fold(text("destination"), map(text, (of["endpoint"], of["operator"], of["transport"])))
    named = [text(f"{kind};{name}") for kind, key in (("envelope", "envelope"), ("header", "headers")) for name, _ in of[key]]
    if "identity" in of:
        named.append(text(f"identity;rotating;{of['identity']['rotating']}"))
    return whole(combine(text("sdk"), text(of["sdk"])), [destination, text("wire;" + wire), sample(of), *named])

listed, differ = json.load(sys.stdin), False
for kind, digest_of, name in (("sdks", sdk, "sdk"), ("events", event, "key")):
    for one in listed[kind]:
        digest = f"{digest_of(one):032x}"
        differ |= digest != one["digest"]
        print(digest, one[name])
sys.exit(1 if differ else 0)
