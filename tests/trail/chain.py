#!/usr/bin/env python3
"""Writes a digest chain as CloudTrail would have delivered it, in the layout of a collection.

    chain.py FOLDER [--hours N] [--logs N] [--bytes N] [--regions A,B] [--stop HOUR:HOURS]
             [--backfill HOUR] [--organization ID] [--prefix P] [--spki] [--start TIME]

The Python standard library and the openssl binary are enough. It shares no code with the
program: digests are as in "CloudTrail digest file structure", signatures as in "Custom
implementations of CloudTrail log file integrity validation" (CloudTrail user guide), and
PKCS #1 v1.5 as in RFC 8017, section 8.2.1. Everything but the RSA key comes from a fixed seed.
"""

import argparse
import base64
import gzip
import hashlib
import json
import random
import re
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

ACCOUNT, TRAIL, HOME, BUCKET = "111122223333", "security_trail", "us-east-1", "trail-bucket"
HOUR = timedelta(hours=1)
# RFC 8017, section 9.2, note 1: DigestInfo of SHA-256.
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


class Key:
    """An RSA key of openssl's making. Signs by the Chinese remainder theorem."""

    def __init__(self, bits=2048):
        self.pem = openssl("genrsa", str(bits), stdin=None)
        text = openssl("rsa", "-text", "-noout", stdin=self.pem).decode()
        self.p, self.q = number(text, "prime1"), number(text, "prime2")
        self.dp, self.dq = number(text, "exponent1"), number(text, "exponent2")
        self.qinv = number(text, "coefficient")
        self.size = bits // 8

    def public(self, spki):
        form = "-pubout" if spki else "-RSAPublicKey_out"
        return openssl("rsa", form, "-outform", "DER", stdin=self.pem)

    def sign(self, message):
        tail = DIGEST_INFO + hashlib.sha256(message).digest()
        padded = int.from_bytes(b"\0\1" + b"\xff" * (self.size - len(tail) - 3) + b"\0" + tail, "big")
        one, two = pow(padded, self.dp, self.p), pow(padded, self.dq, self.q)
        return (two + (one - two) * self.qinv % self.p * self.q).to_bytes(self.size, "big").hex()


def openssl(*args, stdin):
    return subprocess.run(["openssl", *args], input=stdin, check=True, capture_output=True).stdout


def number(text, name):
    return int(re.sub(r"[\s:]", "", re.search(rf"^{name}:\n((?: .*\n)+)", text, re.M).group(1)), 16)


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class Chain:
    """One Region's digests, each bound to the one before it."""

    def __init__(self, out, key, region, backfill=False):
        self.out, self.key, self.region, self.backfill, self.before = out, key, region, backfill, None

    def digest(self, start, end, files):
        name = f"{ACCOUNT}_CloudTrail-Digest_{self.region}_{TRAIL}_{HOME}_{end:%Y%m%dT%H%M%SZ}"
        name += "_backfill.json.gz" if self.backfill else ".json.gz"
        key = f"{self.out.base}/CloudTrail-Digest/{self.region}/{end:%Y/%m/%d}/{name}"
        before = self.before or {}
        content = {
            "awsAccountId": ACCOUNT,
            "digestStartTime": stamp(start),
            "digestEndTime": stamp(end),
            "digestS3Bucket": BUCKET,
            "digestS3Object": key,
            "digestPublicKeyFingerprint": self.out.fingerprint,
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": max((file["newestEventTime"] for file in files), default=None),
            "oldestEventTime": min((file["oldestEventTime"] for file in files), default=None),
            "previousDigestS3Bucket": before.get("bucket"),
            "previousDigestS3Object": before.get("key"),
            "previousDigestHashValue": before.get("hash"),
            "previousDigestHashAlgorithm": "SHA-256" if before else None,
            "previousDigestSignature": before.get("signature"),
            "logFiles": files,
        }
        body = json.dumps(content, separators=(",", ":")).encode()
        digest = hashlib.sha256(body).hexdigest()
        signature = self.key.sign("\n".join(
            [stamp(end), f"{BUCKET}/{key}", digest, before.get("signature") or "null"]
        ).encode())
        metadata = {"signature": signature, "signature-algorithm": "SHA256withRSA"}
        if self.backfill:
            metadata["backfill-generation-timestamp"] = stamp(end + 30 * HOUR)
        self.out.put(key, body, end + timedelta(minutes=4), metadata)
        self.before = {"bucket": BUCKET, "key": key, "hash": digest, "signature": signature}
        return key


class Out:
    def __init__(self, folder, options, key):
        self.root = Path(folder) / "cloudtrail"
        above = f"{options.organization}/" if options.organization else ""
        prefix = f"{options.prefix}/" if options.prefix else ""
        self.base = f"{prefix}AWSLogs/{above}{ACCOUNT}"
        self.random = random.Random(20261122)
        self.words = [self.random.randbytes(6).hex() for _ in range(400)]
        self.size = options.bytes
        der = key.public(options.spki)
        self.fingerprint = hashlib.md5(der, usedforsecurity=False).hexdigest()
        self.root.mkdir(parents=True, exist_ok=True)
        day = timedelta(days=1)
        validity = {"ValidityStartTime": (options.start - day).timestamp(),
                    "ValidityEndTime": (options.start + options.hours * HOUR + day).timestamp()}
        told = {"Value": base64.b64encode(der).decode(), "Fingerprint": self.fingerprint} | validity
        (self.root / "public-keys.json").write_text(json.dumps({"PublicKeyList": [told]}))

    def put(self, key, body, at, metadata):
        path = self.root / "s3" / BUCKET / key
        path.parent.mkdir(parents=True, exist_ok=True)
        packed = gzip.compress(body, 6, mtime=0)
        path.write_bytes(packed)
        beside = {"bucket": BUCKET, "key": key, "etag": hashlib.md5(packed, usedforsecurity=False).hexdigest(),
                  "version_id": None, "last_modified": stamp(at), "metadata": metadata}
        path.with_name(path.name + ".meta.json").write_text(json.dumps(beside))

    def log(self, region, at):
        """A log file that is delivered at that time, as a digest lists it."""
        minute = at - timedelta(minutes=3)
        records = []
        while sum(map(len, records)) < self.size or not records:
            words = self.random.choices(self.words, k=24)
            record = {"eventVersion": "1.09", "eventTime": stamp(minute), "eventSource": "kms.amazonaws.com",
                      "eventName": "Decrypt", "awsRegion": region, "requestParameters": " ".join(words[:20]),
                      "eventID": "-".join(words[20:]), "recipientAccountId": ACCOUNT}
            records.append(json.dumps(record, separators=(",", ":")))
        body = ('{"Records":[' + ",".join(records) + "]}").encode()
        name = f"{ACCOUNT}_CloudTrail_{region}_{minute:%Y%m%dT%H%MZ}_{self.random.randbytes(8).hex()}.json.gz"
        key = f"{self.base}/CloudTrail/{region}/{minute:%Y/%m/%d}/{name}"
        self.put(key, body, at, {})
        return {"s3Bucket": BUCKET, "s3Object": key, "hashValue": hashlib.sha256(body).hexdigest(),
                "hashAlgorithm": "SHA-256", "newestEventTime": stamp(minute),
                "oldestEventTime": stamp(minute - timedelta(minutes=4))}


def write(options):
    key = Key()
    out = Out(options.folder, options, key)
    stop, stopped = map(int, options.stop.split(":")) if options.stop else (None, 0)
    for region in options.regions.split(","):
        chain, late = Chain(out, key, region), Chain(out, key, region, backfill=True)
        start = options.start
        for hour in range(options.hours):
            if hour == stop:
                # The last digest ends with the hour in which logging was stopped; the next one begins a chain.
                chain, start = Chain(out, key, region), start + stopped * HOUR
            files = [out.log(region, start + HOUR * (n + 1) / (options.logs + 1)) for n in range(options.logs)]
            listed = files
            if hour == options.backfill:
                listed = files[1:]
                late.digest(start, start + HOUR, files[:1])
            chain.digest(start, start + HOUR, listed)
            start += HOUR


def main():
    args = argparse.ArgumentParser()
    args.add_argument("folder")
    args.add_argument("--hours", type=int, default=8)
    args.add_argument("--logs", type=int, default=2)
    args.add_argument("--bytes", type=int, default=0, help="least size of a log file, inflated")
    args.add_argument("--regions", default=HOME)
    args.add_argument("--stop", help="HOUR:HOURS, logging is stopped before the digest of that number")
    args.add_argument("--backfill", type=int, help="the first log file of this hour is listed late")
    args.add_argument("--organization")
    args.add_argument("--prefix")
    args.add_argument("--spki", action="store_true")
    args.add_argument("--start", default=datetime(2026, 11, 20, 0, 1, 31, tzinfo=timezone.utc))
    options = args.parse_args()
    if isinstance(options.start, str):
        options.start = datetime.fromisoformat(options.start.replace("Z", "+00:00"))
    write(options)


main()
