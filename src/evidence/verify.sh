#!/bin/sh
# Checks the record that this script lies in, with sha256sum, ssh-keygen and the usual
# tools of a POSIX system, and tells every fault. Nothing is changed, nothing is sent.
#
#   sh verify.sh [ALLOWED_SIGNERS [TSA_CA]]
#
# ALLOWED_SIGNERS is a list of your own of who may sign (see ssh-keygen(1)). Without it (or
# with '') the keys in the record are used, which tells whose key signed, and not whether to
# trust it. TSA_CA are the certificates, as PEM, of the authorities whose word on the time
# you trust. Without it a time in the record is the authority's own word.
#
# Exit code: 0 everything holds, 7 a fault was found, 1 the check could not be made.
#
# What no tool sees: a record that NOBODY SIGNED, of which somebody wrote files anew and made
# every digest in it fit: the manifests and, where the journal was touched, each of its lines.
# Single changes are seen, signed or not; that change is seen only where somebody signed, or
# where the digest of tagmanifest-sha256.txt was kept elsewhere.
#
# What only `playbook verify` sees: entries that are chained but are no entries of a run,
# names of files with line ends in them, a count of redacted secrets that is not right, and
# the digest chain of the CloudTrail files that were collected.

set -u
LC_ALL=C
export LC_ALL
umask 077

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
own_signers=${1:-} own_authorities=${2:-}
case $own_signers in '' | /*) ;; *) own_signers=$PWD/$own_signers ;; esac
case $own_authorities in '' | /*) ;; *) own_authorities=$PWD/$own_authorities ;; esac
for file in "$own_signers" "$own_authorities"; do
    [ -z "$file" ] || [ -r "$file" ] || { echo "cannot check: there is no $file" >&2; exit 1; }
done
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
(cd "$here" && find . -type f) | sed 's|^\./||' | grep -v -E '^(bag/data/.*|bag/(bagit|bag-info|manifest-sha256|tagmanifest-sha256)\.txt|sig/.*|verify\.sh)$' |
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
custody=$here/sig/custody.jsonl
token=$here/sig/tagmanifest-sha256.txt.sig.tsr
question=$here/sig/tagmanifest-sha256.txt.sig.tsq
at=
: >"$work/custody"
if [ -f "$custody" ]; then cat "$custody" >"$work/custody"; fi

# holds SIGNATURE SIGNERS PRINCIPAL: standard input was signed; what ssh-keygen says is in $said.
holds() {
    if grep -q -v -E '^(-----(BEGIN|END) SSH SIGNATURE-----|[A-Za-z0-9+/]+=*)$' "$1" || ! ended "$1"; then
        said='it is not spelled as ssh-keygen writes it'
        return 1
    fi
    command -v ssh-keygen >/dev/null 2>&1 || { said='there is no ssh-keygen'; return 1; }
    said=$(ssh-keygen -Y verify -f "$2" -I "$3" -n playbook-evidence ${4:+"$4"} -s "$1" 2>&1)
}

signed() {
    [ -f "$signature" ] || { fault "the signature is missing"; return; }
    [ -f tagmanifest-sha256.txt ] || { fault "what was signed is missing"; return; }
    printf '%s\n' "$signer" | cmp -s - "$here/sig/allowed_signers" || fault "sig/allowed_signers is not the signer that bag-info.txt names"
    # The record's own list knows no times; yours is asked for the time that a trusted authority says.
    holds "$signature" "${own_signers:-$here/sig/allowed_signers}" "${signer%% *}" ${at:+"-Overify-time=$at"} <tagmanifest-sha256.txt ||
        { fault "the signature does not hold: $said"; return; }
    good "$said"
    if [ -z "$own_signers" ]; then note "the key is the one in the record; compare its fingerprint with one that came another way"; fi
}

# --- the time under it --------------------------------------------------------------------

stamped() {
    for file in "$signature" "$question" "$token" "$here/sig/tsa-chain.pem"; do
        [ -f "$file" ] || { fault "the time under the signature cannot be checked: ${file##*/} is missing"; return; }
    done
    command -v openssl >/dev/null 2>&1 || { fault "the time under the signature cannot be checked: there is no openssl"; return; }
    time=$(openssl ts -reply -in "$token" -text 2>/dev/null | sed -n 's/^Time stamp: //p' | sed 's/\.[0-9]* / /')
    epoch=$(date -u -d "$time" +%s 2>/dev/null) || epoch=
    [ -n "$time" ] && [ -n "$epoch" ] || { fault "the time under the signature cannot be read"; return; }
    # Certificates have to have been good at that time, not now. The question holds the nonce.
    for about in "-data $signature" "-queryfile $question"; do
        said=$(openssl ts -verify "${about%% *}" "${about#* }" -in "$token" -CAfile "${own_authorities:-$here/sig/tsa-chain.pem}" \
            -untrusted "$here/sig/tsa-chain.pem" -partial_chain -attime "$epoch" 2>&1) ||
            { fault "the time under the signature does not hold: $(printf '%s' "$said" | tr '\n' ' ')"; return; }
    done
    good "signed before $time"
    if [ -z "$own_authorities" ]; then note "that time is the authority's own word; name certificates that you trust"; else
        at=$(date -u -d "@$epoch" +%Y%m%d%H%M%SZ)
    fi
}

if [ -f "$token" ] || [ -f "$question" ] || [ -f "$here/sig/tsa-chain.pem" ]; then stamped; elif [ -n "$own_authorities" ]; then
    fault "there is no time under the signature"
fi
if [ -n "$signer" ] || [ -f "$signature" ] || [ -f "$here/sig/allowed_signers" ]; then signed; else
    note "NOBODY SIGNED THIS RECORD: it shows damage, and not who may have made it"
    if [ -n "$own_signers" ]; then fault "nobody of your signers signed it: nobody did"; fi
fi

# --- whose hands it went through ----------------------------------------------------------

# Every line ends with the digest of what stands before ,"digest":"..."} which are 77 bytes.
handed() {
    before=$(count "$work/faults")
    mkdir "$work/whole" "$work/own" || exit 1
    ended "$custody" || fault "the custody log's last line has no end"
    awk -v folder="$work" 'BEGIN { ORS = "" } {
        file = sprintf("%09d", NR)
        print $0 > (folder "/whole/" file); close(folder "/whole/" file)
        print substr($0, 1, length($0) - 77) > (folder "/own/" file); close(folder "/own/" file)
    }' "$work/custody"
    find "$work/whole" -type f | sort | xargs sha256sum | sed 's/ .*//' >"$work/digests"
    find "$work/own" -type f | sort | xargs sha256sum | sed 's/ .*//' >"$work/owns"
    sed 's/^{"v":1,"seq":\([0-9]*\),"at":"[^"]*","prev":"\([0-9a-f]\{64\}\)","who":"[^"]*","files":{[^}]*},"what":.*,"digest":"\([0-9a-f]\{64\}\)"}$/\1 \2 \3/; t
        s/.*/damaged/' "$work/custody" >"$work/said"
    awk -v digests="$work/digests" -v owns="$work/owns" '
        BEGIN { prev = sprintf("%064d", 0) }
        { getline own < owns }
        $1 == "damaged" { print "custody log, line " NR ": it is no line of one" }
        $1 != "damaged" && $1 != NR { print "custody log, line " NR ": its number is " $1 }
        $1 != "damaged" && $2 != prev { print "custody log, line " NR ": it does not name the line before it" }
        $1 != "damaged" && $3 != own { print "custody log, line " NR ": it was changed" }
        { getline prev < digests }' "$work/said" >"$work/list"
    faults <"$work/list"
    head -n 1 "$work/custody" | grep -q '"what":"sealed"' || fault "the custody log does not begin with the seal"
    if [ "$(grep -c '"what":"sealed"' "$work/custody")" -gt 1 ]; then fault "the custody log says more than once that the record was sealed"; fi
    if [ -n "$signer" ] && ! head -n 1 "$work/custody" | grep -q -F "\"who\":\"${signer%% *}\""; then
        fault "the custody log says that somebody else sealed"
    fi
    head -n 1 "$work/custody" | grep -q '"files":{[^}]*"bag/tagmanifest-sha256.txt":"' || fault "the custody log does not name what was sealed"
    sed -n 's/^{"v":1,"seq":[0-9]*,"at":"[^"]*","prev":"[0-9a-f]*","who":"[^"]*","files":{\([^}]*\)},"what":.*$/\1/p' "$work/custody" |
        tr ',' '\n' | sed -n 's/^"\([^"\\]*\)":"\([0-9a-f]\{64\}\)"$/\2  \1/p' >"$work/handed"
    (cd "$here" && sha256sum -c "$work/handed" 2>/dev/null) | grep -v ': OK$' | sed 's/^/the custody log names: /' >"$work/list"
    faults <"$work/list"
    countersigned <"$work/custody"
    if [ "$(count "$work/faults")" -eq "$before" ]; then good "custody log: $(count "$work/custody") lines, chained, with all that they name"; fi
}

# A counter-signature is over the tag manifest, the signature, and the lines before its own.
countersigned() {
    lines=0
    while IFS= read -r line; do
        case $line in *'"what":{"countersigned":{"key":"'*) ;; *) lines=$((lines + 1)); continue ;; esac
        file=$(printf '%s' "$line" | sed 's/.*"files":{"sig\/\(countersign-[^"\/\\]*\)":"[0-9a-f]*"}.*/\1/')
        who=$(printf '%s' "$line" | sed 's/.*"who":"\([^"\\]*\)".*/\1/')
        key=$(printf '%s' "$line" | sed 's/.*"what":{"countersigned":{"key":"\([^"\\]*\)"}.*/\1/')
        printf '%s namespaces="playbook-evidence" %s\n' "$who" "$key" >"$work/signer"
        { cat tagmanifest-sha256.txt "$signature"; head -n "$lines" "$work/custody"; } >"$work/message" 2>/dev/null
        lines=$((lines + 1))
        # The key is that of the line also where your list is asked: the list may have another.
        if [ ! -f "$here/sig/$file" ]; then fault "a counter-signature is missing: $file"
        elif ! holds "$here/sig/$file" "$work/signer" "$who" <"$work/message"; then fault "$file does not hold: $said"
        elif [ -n "$own_signers" ] && ! holds "$here/sig/$file" "$own_signers" "$who" <"$work/message"; then fault "$file does not hold: $said"
        else good "$said"; fi
    done
}

if [ -f "$custody" ]; then handed; elif [ -f "$signature" ]; then fault "the custody log is missing"; fi
{
    printf 'sig/%s\n' allowed_signers tagmanifest-sha256.txt.sig custody.jsonl
    if [ -f "$work/handed" ]; then sed 's/^[0-9a-f]*  //' "$work/handed"; fi
} | sort -u >"$work/listed"
(cd "$here" && find sig -type f 2>/dev/null) | sort >"$work/there"
comm -13 "$work/listed" "$work/there" | sed 's|^|nothing in the record knows of |' >"$work/list"
faults <"$work/list"

note "only \`playbook verify\` sees: entries that are chained but are no entries of a run, names with line ends, the count of redacted secrets, the digest chain of CloudTrail"
if [ -s "$work/faults" ]; then
    echo "$(count "$work/faults") faults: this record does not hold"
    exit 7
fi
echo "this record holds"
