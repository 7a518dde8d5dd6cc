#!/usr/bin/env python3
"""Reads the four forms of the record of an access review with Python's own readers, counts
them, and prints the counts as JSON. Knows nothing of the program that wrote them.

    tests/record/read.py JSON CSV MARKDOWN HTML
"""

import csv
import json
import re
import sys
from collections import Counter
from html.parser import HTMLParser

NAMES = ["everybody", "reviewed", "excluded", "unknown", "Allowed", "AllowedIf", "ImplicitDeny", "ExplicitDeny"]


def of_rows(standings, verdicts, decisions, proofs):
    counts = {name: 0 for name in NAMES}
    counts |= {"everybody": len(standings)} | Counter(standings)
    counts |= {name: many for name, many in Counter(verdicts).items() if name != "Unknown"}
    return counts | {f"decided {name}": many for name, many in Counter(filter(None, decisions)).items()} | {
        "revocations proven": proofs.count("proven"),
        "revocations not proven": proofs.count("not proven"),
        "revocations not asked again": proofs.count("not asked again"),
    }


def of_json(text):
    record = json.loads(text)
    standing = lambda finding: "unknown" if finding["verdict"] == "Unknown" else "reviewed"
    denied = lambda finding: finding["verdict"].endswith("Deny")

    def decided(finding):
        return finding["decision"]["decision"] if "decision" in finding else "" if denied(finding) else "undecided"

    def proof(finding):
        if "proof" in finding:
            return "proven" if finding["proof"]["proven"] else "not proven"
        return "not asked again" if decided(finding) == "revoke" else ""

    findings = record["findings"]
    standings = [standing(one) for one in findings] + ["excluded" for _ in record["excluded"]]
    return of_rows(standings, [one["verdict"] for one in findings], [decided(one) for one in findings], [proof(one) for one in findings])


def plain(cell):
    """A cell as it was before apostrophes were put where a spreadsheet could begin a formula."""
    text, begins = "", True
    for c in cell:
        if begins and c == "'":
            begins = False
            continue
        begins = c in ",;"
        text += c
    return text


def of_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, strict=True))
    starts = [cell for row in rows for cell in row.values() if re.match(r"[=+\-@\t\r]", cell)]
    column = lambda name: [plain(row[name]) for row in rows]
    counts = of_rows(column("standing"), [v for v in column("verdict") if v], column("decision"), column("proof"))
    return counts, starts, [row["principal"] for row in rows], [plain(row["principal"]) for row in rows]


def of_numbers(rows):
    """The table of counts: decisions stand between the verdicts and the revocations."""
    fixed, counts = NAMES + ["Unknown", "revocations proven", "revocations not proven", "revocations not asked again"], {}
    for name, many in rows:
        if name in fixed:
            counts[name] = int(many)
        elif not name.startswith("edits "):
            counts[f"decided {name}"] = int(many)
    assert counts.pop("Unknown") == counts["unknown"]
    return {name: many for name, many in counts.items() if many or not name.startswith("decided ")}


def of_markdown(text):
    summary = text.split("\n## Summary\n")[1].split("\n## ")[0]
    return of_numbers(re.findall(r"^\| ([^|]+?) \| (\d+) \|$", summary, re.M))


class Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.section, self.sections, self.rows, self.cell, self.tags, self.handlers = None, [], [], None, Counter(), []

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name in ("src", "srcset", "action")]
        if tag == "section":
            self.section = dict(attrs)["id"]
            self.sections.append(self.section)
        if tag == "tr" and self.section == "summary":
            self.rows.append([])
        if tag == "td" and self.section == "summary":
            self.rows[-1].append("")
            self.cell = True

    def handle_endtag(self, tag):
        if tag == "td":
            self.cell = None

    def handle_data(self, data):
        if self.cell:
            self.rows[-1][-1] += data


def main():
    paths = sys.argv[1:]
    texts = [open(path, encoding="utf-8", newline="").read() for path in paths]
    reader = Reader()
    reader.feed(texts[3])
    in_csv, formulas, cells, principals = of_csv(paths[1])
    told = {
        "json": of_json(texts[0]), "csv": in_csv, "markdown": of_markdown(texts[2]),
        "html": of_numbers(row for row in reader.rows if row),
        "formulas": formulas, "cells": cells, "principals": principals, "sections": reader.sections,
        "active": reader.handlers + [tag for tag in ("script", "img", "iframe", "object", "embed", "link", "form", "input") if reader.tags[tag]],
    }
    # What is counted nowhere is no difference.
    for form in ("json", "csv", "markdown", "html"):
        told[form] = {name: many for name, many in told[form].items() if many}
    print(json.dumps(told))


main()
