#!/bin/sh
# Checks the record that this script lies in, with sha256sum, ssh-keygen and the usual
# tools of a POSIX system, and tells every fault. Nothing is changed, nothing is sent.
#
#   sh verify.sh [ALLOWED_SIGNERS]
#
# ALLOWED_SIGNERS is a list of your own of who may sign (see ssh-keygen(1)). Without it the
# list in the record is used, which tells whose key signed, and not whether to trust it.
#
# Exit code: 0 everything holds, 7 a fault was found, 1 the check could not be made.
#
# What only `playbook verify` sees: entries that are chained but are no entries of a run,
# names of files with line ends in them, a count of redacted secrets that is not right.

set -u
LC_ALL=C
export LC_ALL
umask 077

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
own_signers=${1:-}
case $own_signers in '' | /*) ;; *) own_signers=$PWD/$own_signers ;; esac
for tool in sha256sum awk sed sort find tail tr od grep mktemp; do
    command -v "$tool" >/dev/null 2>&1 || { echo "cannot check: there is no $tool" >&2; exit 1; }
done
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

bag=$here/bag
journal=$bag/data/journal.jsonl
: >"$work/faults"
fault() { printf 'FAULT  %s\n' "$*" | tee -a "$work/faults"; }
good() { printf 'ok     %s\n' "$*"; }
note() { printf 'note   %s\n' "$*"; }
# Reads a list of faults, one a line.
faults() { while IFS= read -r line; do fault "$line"; done; }
count() { grep -c '' "$1"; }
# Whether a file ends with the end of a line.
ended() { [ "$(tail -c 1 "$1" | od -An -tx1 | tr -d ' \n')" = 0a ]; }

cd "$bag" 2>/dev/null || { fault "there is no bag beside this script"; exit 7; }

# --- the files ----------------------------------------------------------------------------

# check MANIFEST PATTERN: every line is well formed and holds; every file whose path matches
# the pattern is listed.
check() {
    manifest=$1 pattern=$2
    [ -f "$manifest" ] || { fault "$manifest is missing: the record is not sealed"; return; }
    before=$(count "$work/faults")
    ended "$manifest" || fault "the last line of $manifest has no end"
    grep -v -E "^[0-9a-f]{64}  [^/].*$" "$manifest" | sed "s|^|$manifest has a line that is none: |" >"$work/list"
    faults <"$work/list"
    sed 's/^[0-9a-f]*  //' "$manifest" >"$work/encoded"
    if grep -q '%0[AD]' "$work/encoded"; then
        fault "$manifest lists names with line ends in them, which only \`playbook verify\` can check"
    fi
    sed 's/%25/%/g' "$work/encoded" >"$work/names"
    sed 's/%25/%/g' "$manifest" >"$work/manifest"
    sort "$work/names" | uniq -d | sed "s|^|$manifest lists twice: |" >"$work/list"
    faults <"$work/list"
    if ! sort -c "$work/names" 2>/dev/null; then fault "$manifest is not in order"; fi
    sha256sum -c "$work/manifest" >"$work/sums" 2>/dev/null
    grep -v ': OK$' "$work/sums" | sed "s|^|$manifest: |" >"$work/list"
    faults <"$work/list"
    if [ "$(grep -c ': OK$' "$work/sums")" -ne "$(count "$manifest")" ]; then
        fault "$manifest: not every line could be checked"
    fi
    find . -type f | sed 's|^\./||' | grep -E "$pattern" | sort >"$work/there"
    sort "$work/names" >"$work/listed"
    comm -13 "$work/listed" "$work/there" | sed "s|^|$manifest does not list: |" >"$work/list"
    faults <"$work/list"
    if [ "$(count "$work/faults")" -eq "$before" ]; then good "$manifest: $(count "$manifest") files, all as listed"; fi
}

printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n' >"$work/bagit.txt"
cmp -s "$work/bagit.txt" bagit.txt || fault "bagit.txt does not declare a BagIt 1.0 bag"
check tagmanifest-sha256.txt '^(bagit|bag-info|manifest-sha256)\.txt$'
check manifest-sha256.txt '^data/'

for name in bagit.txt bag-info.txt manifest-sha256.txt; do
    grep -q "^[0-9a-f]*  $name\$" tagmanifest-sha256.txt 2>/dev/null || fault "tagmanifest-sha256.txt does not list $name"
done
(cd "$here" && find . -type f) | sed 's|^\./||' | grep -v -E '^(bag/data/.*|bag/(bagit|bag-info|manifest-sha256|tagmanifest-sha256)\.txt|sig/(allowed_signers|tagmanifest-sha256\.txt\.sig|tagmanifest-sha256\.txt\.sig\.tsr)|verify\.sh)$' |
    sed 's|^|nothing in the record knows of |' >"$work/list"
faults <"$work/list"
(cd "$here" && find . ! -type f ! -type d) | sed 's|^\./||; s|^|no regular file: |' >"$work/list"
faults <"$work/list"

oxum=$(find data -type f -exec cat {} + 2>/dev/null | wc -c | tr -d ' ').$(find data -type f 2>/dev/null | wc -l | tr -d ' ')
grep -q "^Payload-Oxum: $oxum\$" bag-info.txt 2>/dev/null || fault "bag-info.txt: Payload-Oxum is not $oxum"
script=$(sha256sum <"$here/verify.sh" | sed 's/ .*//')
grep -q "^Verify-Script-SHA256: $script\$" bag-info.txt 2>/dev/null || fault "this script is not the one that was sealed"

# --- the journal --------------------------------------------------------------------------

# Every line goes into a file of its own, so that one sha256sum does them all.
chain() {
    before=$(count "$work/faults")
    mkdir "$work/lines" || exit 1
    ended "$journal" || fault "the journal's last line has no end"
    awk -v folder="$work/lines" 'BEGIN { ORS = "" } { file = sprintf("%s/%09d", folder, NR); print $0 > file; close(file) }' "$journal"
    find "$work/lines" -type f | sort | xargs sha256sum | sed 's/ .*//' >"$work/digests"
    # What each line says: its number and the digest of the one before it.
    sed 's/^{"v":1,"seq":\([0-9]*\),"at":"[-0-9]*T[:0-9]*\.[0-9]\{6\}Z","prev":"\([0-9a-f]\{64\}\)","event":{.*}}$/\1 \2/; t
        s/.*/damaged/' "$journal" >"$work/said"
    awk -v digests="$work/digests" '
        BEGIN { prev = sprintf("%064d", 0) }
        $1 == "damaged" { print "journal, line " NR ": it is no entry" }
        $1 != "damaged" && $1 != NR { print "journal, line " NR ": its number is " $1 }
        $1 != "damaged" && $2 != prev { print "journal, line " NR ": it does not name the line before it; one of the two was changed" }
        { getline prev < digests }' "$work/said" >"$work/list"
    faults <"$work/list"
    tail -n 1 "$journal" | grep -q '"event":{"sealed":{' || fault "the journal does not end with the entry that seals it"
    if [ "$(count "$work/faults")" -eq "$before" ]; then good "journal: $(count "$journal") entries, chained and numbered"; fi
}

# The document that the first entry names, and the artifacts that any entry names.
named() {
    before=$(count "$work/faults")
    pinned=$(sed -n '1s/.*"document":{"name":"[^"]*","version":[0-9]*,"digest":"\([0-9a-f]*\)".*/\1/p' "$journal")
    document=$(sha256sum <data/document.yaml 2>/dev/null | sed 's/ .*//')
    [ -n "$pinned" ] && [ "$pinned" = "$document" ] || fault "data/document.yaml is not the document that the run was opened with"
    awk '{
        rest = $0
        while (match(rest, /{"path":"[^"\\]*","digest":"[0-9a-f]*","bytes":[0-9]*}/)) {
            split(substr(rest, RSTART, RLENGTH), part, "\"")
            print part[8] "  data/" part[4]
            rest = substr(rest, RSTART + RLENGTH)
        }
    }' "$journal" | sort -u >"$work/artifacts"
    sort "$work/manifest" >"$work/listed"
    comm -23 "$work/artifacts" "$work/listed" | sed 's/^/an entry names an artifact that is not there as it was: /' >"$work/list"
    faults <"$work/list"
    if [ "$(count "$work/faults")" -eq "$before" ]; then good "the document and $(count "$work/artifacts") artifacts are those that the journal names"; fi
}

if [ -f "$journal" ]; then chain; named; else fault "there is no journal, and so no record"; fi

# --- the signature ------------------------------------------------------------------------

signer=$(sed -n 's/^Allowed-Signer: //p' bag-info.txt 2>/dev/null)
signature=$here/sig/tagmanifest-sha256.txt.sig
signed() {
    [ -f "$signature" ] || { fault "the signature is missing"; return; }
    printf '%s\n' "$signer" | cmp -s - "$here/sig/allowed_signers" || fault "sig/allowed_signers is not the signer that bag-info.txt names"
    if grep -q -v -E '^(-----(BEGIN|END) SSH SIGNATURE-----|[A-Za-z0-9+/]+=*)$' "$signature" || ! ended "$signature"; then
        fault "the signature is not spelled as ssh-keygen writes it"
    fi
    command -v ssh-keygen >/dev/null 2>&1 || { fault "the signature cannot be checked: there is no ssh-keygen"; return; }
    said=$(ssh-keygen -Y verify -f "${own_signers:-$here/sig/allowed_signers}" -I "${signer%% *}" -n playbook-evidence \
        -s "$signature" <tagmanifest-sha256.txt 2>&1) || { fault "the signature does not hold: $said"; return; }
    good "$said"
    if [ -z "$own_signers" ]; then note "the key is the one in the record; compare its fingerprint with one that came another way"; fi
}
if [ -n "$signer" ] || [ -d "$here/sig" ]; then signed; else
    note "NOBODY SIGNED THIS RECORD: it shows damage, and not who may have made it"
fi

note "only \`playbook verify\` sees: entries that are chained but are no entries of a run, names with line ends, the count of redacted secrets"
if [ -s "$work/faults" ]; then
    echo "$(count "$work/faults") faults: this record does not hold"
    exit 7
fi
echo "this record holds"
