#!/usr/bin/env python3
"""Prints the telemetry records of an ELF file as JSON: python3 read_records.py PROGRAM

Everything it does is described in event-record.md. Exit code 1: no section, or a record that it cannot read.
"""
import json, re, struct, sys

def sections(data, wanted):
    """The bytes of every section of this name, by the section table of the file."""
    wide, order = data[4] == 2, "<" if data[5] == 1 else ">"
    unpack = lambda form, at: struct.unpack_from(order + form, data, at)
    if data[:4] != b"\x7fELF":
        sys.exit("not an ELF file")
    (table,) = unpack("Q", 40) if wide else unpack("I", 32)
    size, count, names = unpack("3H", 58 if wide else 46)
    def header(number):  # name, offset in the file, length
        name, _, _, _, offset, length = unpack("IIQQQQ" if wide else "6I", table + number * size)
        return name, offset, length
    _, names_at, _ = header(names)
    for number in range(count):
        name, offset, length = header(number)
        if data[names_at + name:].split(b"\0", 1)[0] == wanted:
            yield data[offset:offset + length]

def records(section):
    """Magic, one digit, one line of JSON; zeros in between are padding, and anything else is damage."""
    if re.sub(rb"\x7fTLM[0-9][^\n]*\n", b"", section).replace(b"\0", b""):
        sys.exit("bytes that are neither a record nor padding: damaged")
    for version, line in re.findall(rb"\x7fTLM([0-9])([^\n]*)\n", section):
        if version != b"2":
            sys.exit(f"a record of format version {version.decode()}, which this script does not know")
        yield json.loads(line)

found = list(sections(open(sys.argv[1], "rb").read(), b".telemetry"))
if not found:
    sys.exit("no section .telemetry: that means unknown, never clean")
print(json.dumps([record for section in found for record in records(section)], indent=2, ensure_ascii=False))
