"""What lies in a module for wasm: the places in the sources at which it can panic, and how many bytes of code come from where. Standard
library only."""

import collections, re, struct

# `ptr`, `len`, line and column of a `core::panic::Location`.
LOCATION = struct.Struct("<IIII")


def number(module, at):
    """A number of variable length, and where it ends."""
    value = shift = 0
    while True:
        byte = module[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def sections(module):
    """The kind of each section, with where it begins and ends."""
    at = 8
    while at < len(module):
        kind, (length, at) = module[at], number(module, at + 1)
        yield kind, at, at + length
        at += length


def data(module):
    """The parts of its memory that a module brings, each with its address."""
    for at in [begin for kind, begin, _ in sections(module) if kind == 11]:
        count, at = number(module, at)
        for _ in range(count):
            flags, at = number(module, at)
            address = None
            if flags == 0:
                # `i32.const`, a number, and `end`.
                address, at = number(module, at + 1)
                at += 1
            size, at = number(module, at)
            if address is not None:
                yield address, module[at:at + size]
            at += size


def imported(module, at):
    """How many functions a section of imports brings."""
    functions, (count, at) = 0, number(module, at)
    for _ in range(count):
        for _ in range(2):
            length, at = number(module, at)
            at += length
        kind, at = module[at], at + 1
        functions += kind == 0
        if kind == 0:
            _, at = number(module, at)
        elif kind == 3:
            at += 2
        else:
            at += kind == 1
            flags, at = number(module, at)
            for _ in range(1 + (flags & 1)):
                _, at = number(module, at)
    return functions


def named(module, begin, end):
    """The names of functions by their numbers, where a section has them."""
    names, (length, at) = {}, number(module, begin)
    if module[at:at + length] != b"name":
        return names
    at += length
    while at < end:
        kind, (length, at) = module[at], number(module, at + 1)
        behind = at + length
        if kind == 1:
            count, at = number(module, at)
            for _ in range(count):
                which, at = number(module, at)
                length, at = number(module, at)
                names[which] = module[at:at + length].decode()
                at += length
        at = behind
    return names


def code(module):
    """Bytes of code by whose it is: the first room of a crate of ours, else the crate. Needs the names of functions."""
    sizes, names, first = [], {}, 0
    for kind, begin, end in sections(module):
        if kind == 2:
            first = imported(module, begin)
        elif kind == 10:
            count, at = number(module, begin)
            for _ in range(count):
                size, at = number(module, at)
                sizes.append(size)
                at += size
        elif kind == 0:
            names |= named(module, begin, end)
    rooms = collections.Counter()
    for which, size in enumerate(sizes, first):
        path = re.findall(r"[A-Za-z_]\w*", re.sub(r"\[[0-9a-f]+\]|^byn\$mgfn-shared\$", "", names.get(which, "")).lstrip("<&*( "))
        crate, room = (path + ["", ""])[:2]
        rooms[f"{crate}::{room}" if crate.startswith("telemetry_") else crate] += size
    return rooms


def panic_sites(module, crates):
    """`file:line` of each place in these crates at which the module can panic."""
    parts = list(data(module))
    file = re.compile(rb"(?:%s)[^/\0]*/src/[\w/]+?\.rs" % b"|".join(crate.encode() for crate in crates))
    found = set()
    for start, part in parts:
        for match in file.finditer(part):
            name, end = match[0].decode(), start + match.end()
            lines = [line for _, other in parts for address, length, line, _ in places(other) if address + length == end]
            found |= {f"{name}:{line}" for line in lines} or {name}
    return sorted(found)


def places(part):
    """Whatever may be a location in it."""
    for at in range(0, len(part) - LOCATION.size + 1, 4):
        address, length, line, column = LOCATION.unpack_from(part, at)
        if 0 < length < 512 and 0 < line < 100_000 and 0 < column < 1_000:
            yield address, length, line, column
