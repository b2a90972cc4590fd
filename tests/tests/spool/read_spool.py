"""Reads the state folder of one SDK by docs/spool.md alone, and prints what waits in it as JSON.

    python3 read_spool.py ~/.local/state/telemetry/<sdk>
"""

import json
import os
import re
import struct
import sys

ID = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
SEGMENT = re.compile(f"^({ID})\\.part$")
PLAN = re.compile(f"^{ID}(?:-[01]){{0,8}}\\.(plan|done)$")
UPLOAD = re.compile(f"^{ID}\\.upload$")
ROW = re.compile(f"^({ID})\\.json$")


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def frames(data):
    """The first byte, length and body of each frame that is whole, and how many events are damaged."""
    magic, zero, crc = data[:8], *struct.unpack_from("<II", data, 8)
    assert magic == b"TLMSPL3\n" and zero == 0, (magic, zero)
    assert crc == crc32c(data[:12])
    at, whole, expected, stray = 16, [], 0, False
    while at < len(data):
        if at + 16 <= len(data):
            length, number, body_crc, header_crc = struct.unpack_from("<IIII", data, at)
            if 37 <= length <= 37 + 32768 and header_crc == crc32c(data[at : at + 12]):
                expected, stray = max(expected, number + 1), False
                body = data[at + 16 : at + 16 + length]
                if len(body) == length and crc32c(body) == body_crc:
                    footer = struct.pack("<II", number, crc32c(struct.pack("<I", number)))
                    end = at + 16 + length + 8
                    assert data[end - 8 : end] == footer, number
                    whole.append((at, end - at, body))
                    at = end
                else:
                    at += 16
                continue
        stray, at = True, at + 1
    return whole, expected - len(whole) + (1 if stray else 0)


def plan(path):
    """The ranges of a plan, or of a file that says what has ended; none if it is not whole."""
    with open(path) as file:
        body, _, crc = file.read().rpartition("= ")
    if crc != f"{crc32c(body.encode()):08x}\n":
        return []
    first, *lines = body.splitlines()
    assert first == "TLMPLN2", first
    return [(line.split()[0], *map(int, line.split()[1:4]), int(line.split()[4], 16)) for line in lines]


def upload(path):
    """The ranges of the requests of an upload that have ended, and of those that have not; none if it is not whole."""
    with open(path) as file:
        body, _, rest = file.read().partition("= ")
    crc, _, marks = rest.partition("\n")
    if crc != f"{crc32c(body.encode()):08x}":
        return [], []
    first, *lines = body.splitlines()
    assert first == "TLMUPL1", first
    requests = []
    for line in lines:
        if line.startswith("# "):
            requests.append([])
        else:
            words = line.split()
            requests[-1].append((words[0], *map(int, words[1:4]), int(words[4], 16)))
    marks = marks.splitlines(keepends=True)
    ended = [f"- {number} {crc32c(str(number).encode()):08x}\n" in marks for number in range(len(requests))]
    return [[one for request, over in zip(requests, ended) if over == wanted for one in request] for wanted in (True, False)]


def done(path):
    """The ranges of a file that says what has ended: a plan, or an upload of which every request has."""
    with open(path) as file:
        if not file.read().startswith("TLMUPL"):
            return plan(path)
    over, left = upload(path)
    return over + left


def events(folder):
    """What waits, how many events are damaged, and which kinds of files there are."""
    found, damaged, kinds = [], 0, []
    spool = os.path.join(folder, "spool")
    for host in sorted(os.listdir(spool)):
        if not os.path.isdir(os.path.join(spool, host)):
            continue
        names = sorted(os.listdir(os.path.join(spool, host)))
        segments, ended, planned = {}, [], []
        for name in names:
            path = os.path.join(spool, host, name)
            if SEGMENT.match(name):
                with open(path, "rb") as file:
                    segments[SEGMENT.match(name).group(1)] = file.read()
                kinds.append("part")
            elif PLAN.match(name):
                kinds.append(PLAN.match(name).group(1))
                if name.endswith(".done"):
                    ended.extend(done(path))
                else:
                    planned.extend(plan(path))
            elif UPLOAD.match(name):
                kinds.append("upload")
                over, left = upload(path)
                ended.extend(over)
                planned.extend(left)
        for segment, at, length, count, crc in planned:
            data = segments[segment][at : at + length]
            assert crc32c(data) == crc, (segment, at)
            inside = [one for one in frames(segments[segment])[0] if at <= one[0] < at + length]
            assert len(inside) == count, (segment, at)
        for segment, data in segments.items():
            if not data:
                continue
            whole, lost = frames(data)
            damaged += lost
            for at, _, body in whole:
                if any(name == segment and start <= at < start + length for name, start, length, *_ in ended):
                    continue
                day, digest, destination, wire = struct.unpack_from("<I16s16sB", body)
                assert day > 20000 and wire == 0, (day, wire)
                assert digest != bytes(16) and destination != bytes(16), (digest, destination)
                found.append(json.loads(body[37:]))
    return found, damaged, kinds


def ledger(folder):
    """The counts of all processes, those that wait counted once."""
    counts, added = {}, []
    # One for each destination; here there is one.
    [ledger] = [name for name in os.listdir(folder) if re.fullmatch(r"ledger\.[0-9a-f]{16}", name)]
    try:
        with open(os.path.join(folder, ledger + ".json")) as file:
            total = json.load(file)
        counts, added = total["counts"], total["added"]
    except FileNotFoundError:
        pass
    for name in os.listdir(os.path.join(folder, ledger)):
        row = ROW.match(name)
        if row and row.group(1) not in added:
            with open(os.path.join(folder, ledger, name)) as file:
                for word, count in json.load(file)["counts"].items():
                    counts[word] = counts.get(word, 0) + count
    handed_over = min(counts["waiting"], counts["recovered"])
    counts["waiting"] -= handed_over
    counts["recovered"] -= handed_over
    return counts


if __name__ == "__main__":
    found, damaged, kinds = events(sys.argv[1])
    print(json.dumps({"events": found, "damaged": damaged, "files": kinds, "ledger": ledger(sys.argv[1])}))
