"""Says a secret, given in TOKEN, in every spelling that a program could use."""

import base64
import gzip
import html
import json
import os
import sys
import urllib.parse


def spellings(secret):
    raw = secret.encode()
    wide = [secret.encode("utf-16-le"), secret.encode("utf-16-be")]
    packed = gzip.compress(b"log begins\n" + raw + b"\nlog ends\n", mtime=0)
    nested = json.dumps({"inner": json.dumps({"token": secret})})
    yield from (raw, b"in a sentence, " + raw + b", and on")
    # The three places of a group of three bytes at which it can begin.
    for before in (b"", b"x", b"xy"):
        yield base64.b64encode(before + raw + b" and more")
        yield base64.urlsafe_b64encode(before + raw + b" and more")
    yield base64.b64encode(raw)
    yield from (raw.hex().encode(), raw.hex().upper().encode(), b"0x" + raw.hex().encode() + b"00")
    yield urllib.parse.quote(secret, safe="").encode()
    yield urllib.parse.quote(secret).encode()
    yield urllib.parse.quote_plus(secret).encode()
    yield urllib.parse.urlencode({"token": base64.b64encode(raw)}).encode()
    yield from (json.dumps({"k": secret}).encode(), json.dumps([secret], ensure_ascii=False).encode())
    yield from (nested.encode(), base64.b64encode(nested.encode()), base64.b64encode(json.dumps([secret]).encode()))
    yield html.escape(secret).encode()
    yield from wide
    yield from (base64.b64encode(text) for text in wide)
    yield from (packed, gzip.compress(packed), base64.b64encode(packed))


def main():
    secret = os.environ["TOKEN"]
    for number, spelling in enumerate(spellings(secret)):
        for out in (sys.stdout.buffer, sys.stderr.buffer):
            out.write(b"%d: " % number + spelling + b"\n")
    sys.exit(int(sys.argv[1]) if len(sys.argv) > 1 else 0)


main()
