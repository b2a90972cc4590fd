"""Reads the state folder of one SDK by docs/spool.md alone, and prints what waits in it as JSON.

    python3 read_spool.py ~/.local/state/telemetry/<sdk>
"""

import json
import os
import re
import struct
import sys

ID = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
SPOOL_FILE = re.compile(f"^{ID}(?:(?:-[01])*\\.batch|\\.part|\\.ready)$")
ROW = re.compile(f"^({ID})\\.json$")


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def frames(data):
    """The bodies that are whole, and how many events are damaged."""
    magic, promised, crc = data[:8], *struct.unpack_from("<II", data, 8)
    assert magic in (b"TLMSPL1\n", b"TLMBAT1\n"), magic
    assert crc == crc32c(data[:12])
    at, whole, expected, stray = 16, [], promised, False
    while at < len(data):
        if at + 16 <= len(data):
            length, number, body_crc, header_crc = struct.unpack_from("<IIII", data, at)
            if 21 <= length <= 21 + 32768 and header_crc == crc32c(data[at : at + 12]):
                expected, stray = max(expected, number + 1), False
                body = data[at + 16 : at + 16 + length]
                if len(body) == length and crc32c(body) == body_crc:
                    whole.append(body)
                at += 16 + length
                continue
        stray, at = True, at + 1
    hidden = 1 if stray and promised == 0 else 0
    return whole, expected - len(whole) + hidden


def events(folder):
    found, damaged, kinds = [], 0, []
    for host in sorted(os.listdir(os.path.join(folder, "spool"))):
        for name in sorted(os.listdir(os.path.join(folder, "spool", host))):
            if not SPOOL_FILE.match(name):
                continue
            with open(os.path.join(folder, "spool", host, name), "rb") as file:
                data = file.read()
            if not data:
                continue
            bodies, lost = frames(data)
            damaged += lost
            kinds.append(name.rsplit(".", 1)[1])
            for body in bodies:
                day, digest, wire = struct.unpack_from("<I16sB", body)
                assert day > 20000 and digest != bytes(16) and wire == 0, (day, digest, wire)
                found.append(json.loads(body[21:]))
    return found, damaged, kinds


def ledger(folder):
    """The counts of all processes, those that wait counted once."""
    counts, added = {}, []
    try:
        with open(os.path.join(folder, "ledger.json")) as file:
            total = json.load(file)
        counts, added = total["counts"], total["added"]
    except FileNotFoundError:
        pass
    for name in os.listdir(os.path.join(folder, "ledger")):
        row = ROW.match(name)
        if row and row.group(1) not in added:
            with open(os.path.join(folder, "ledger", name)) as file:
                for word, count in json.load(file)["counts"].items():
                    counts[word] = counts.get(word, 0) + count
    handed_over = min(counts["waiting"], counts["recovered"])
    counts["waiting"] -= handed_over
    counts["recovered"] -= handed_over
    return counts


if __name__ == "__main__":
    found, damaged, kinds = events(sys.argv[1])
    print(json.dumps({"events": found, "damaged": damaged, "files": kinds, "ledger": ledger(sys.argv[1])}))
