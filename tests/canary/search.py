"""Looks for a secret in every file below some folders, in whatever it is packed.

Knows nothing of the program: what can be decoded is decoded, and what comes of that is
looked into again. Tells each place on a line, and how many markers of replaced secrets
stand in files below `bag/data`, for comparison with what the record says.

    search.py SECRET CORE FOLDER...

CORE is a part of the secret in which no character is ever escaped.
"""

import base64
import binascii
import html
import json
import os
import re
import sys
import urllib.parse
import zlib

DEPTH = 4
DIGITS = re.compile(rb"[A-Za-z0-9+/_-]{12,}(?:\r?\n[A-Za-z0-9+/_-]{12,})*")
HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")


def inflated(data):
    at = data.find(b"\x1f\x8b\x08")
    while at >= 0:
        try:
            yield zlib.decompressobj(31).decompress(data[at:], 1 << 24)
        except zlib.error:
            pass
        at = data.find(b"\x1f\x8b\x08", at + 1)


def from_base64(data):
    for found in DIGITS.finditer(data):
        digits = re.sub(rb"\s", b"", found.group()).translate(bytes.maketrans(b"-_", b"+/"))
        for skip in range(4):
            part = digits[skip:]
            try:
                yield base64.b64decode(part[: len(part) // 4 * 4])
            except binascii.Error:
                pass


def from_hex(data):
    for found in HEX.finditer(data):
        digits = found.group()
        yield binascii.unhexlify(digits)
        yield binascii.unhexlify(digits[1:-1])


def rewritten(data):
    text = data.decode("utf-8", "replace")
    yield urllib.parse.unquote_plus(text).encode()
    yield html.unescape(text).encode()
    unescaped = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found.group(1), 16)), text)
    yield re.sub(r"\\(.)", r"\1", unescaped).encode("utf-8", "replace")
    # UTF-16 in either order, of characters that need one byte.
    yield data.replace(b"\0", b"")
    yield from (part.decode("utf-16-le", "ignore").encode("utf-8", "ignore") for part in (data, data[1:]))


def look(data, needles, way, seen):
    for needle in needles:
        if needle in data:
            yield way
            return
    if len(way) > DEPTH or (key := hash(data)) in seen:
        return
    seen.add(key)
    for kind, made in (("gzip", inflated), ("base64", from_base64), ("hex", from_hex), ("text", rewritten)):
        for part in made(data):
            if len(part) >= 8 and part != data:
                yield from look(part, needles, (*way, kind), seen)


def files(folder):
    for at, _, names in os.walk(folder):
        yield from (os.path.join(at, name) for name in names)


def main():
    secret, core, *folders = sys.argv[1:]
    needles = [secret.encode(), core.encode(), secret.encode("utf-16-le"), core.encode("utf-16-be")]
    found, searched, markers = [], 0, 0
    for path in (path for folder in folders for path in files(folder)):
        data = open(path, "rb").read()
        searched += 1
        if "/bag/data/" in path:
            markers += len(re.findall("‹(?:secret|redacted):".encode(), data))
        for way in look(data, needles, (), set()):
            found.append(f"{path}: {' in '.join(reversed(way)) or 'as it is'}")
        for way in look(path.encode(), needles, (), set()):
            found.append(f"the name {path}: {way}")
    print(json.dumps({"found": found, "searched": searched, "markers": markers}))


main()
