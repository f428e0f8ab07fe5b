#!/usr/bin/env bash
# Installs a release of keysift: downloads the binary for this machine, compares its SHA-256 with the release's SHA256SUMS, and unpacks it.
#
#   scripts/install.sh --from https://github.com/OWNER/keysift/releases [--version X.Y.Z] [--to FOLDER]
#
# The address can stand in KEYSIFT_RELEASES, too. Without --version the newest release is taken. Nothing is installed whose checksum is missing or wrong. It runs on Linux, macOS and Windows (Git Bash).
# Exit codes: 0 installed, 1 something is wrong or cannot be reached, 4 there is no such release, or none for this machine.
set -euo pipefail

version=latest
to="$HOME/.local/bin"
from="${KEYSIFT_RELEASES:-}"

fail() {
    echo "error: $1" >&2
    exit "${2:-1}"
}

while [ $# -gt 0 ]; do
    [ $# -gt 1 ] || fail "$1 needs a value"
    case "$1" in
        --version) version="${2#v}" ;;
        --to) to="$2" ;;
        --from) from="${2%/}" ;;
        *) fail "unknown option $1; known are --version, --to and --from" ;;
    esac
    shift 2
done

[ -n "$from" ] || fail "say with --from or KEYSIFT_RELEASES where the releases are, as https://github.com/OWNER/keysift/releases"
case "$from" in
    https://* | file://*) ;;
    *) fail "releases are fetched by https, and $from is something else" ;;
esac

case "$version" in
    latest) ;;
    *[!0-9A-Za-z.+-]* | '') fail "'$version' is no version" ;;
esac

case "$(uname -s)" in
    Linux) system=unknown-linux-musl ;;
    Darwin) system=apple-darwin ;;
    MINGW* | MSYS* | CYGWIN*) system=pc-windows-msvc ;;
    *) fail "there is no release for $(uname -s); \`cargo install keysift\` builds one" 4 ;;
esac
case "$(uname -m)" in
    x86_64 | amd64) machine=x86_64 ;;
    arm64 | aarch64) machine=aarch64 ;;
    *) fail "there is no release for $(uname -m); \`cargo install keysift\` builds one" 4 ;;
esac
archive="keysift-$machine-$system.tar.gz"
program=keysift
[ "$system" = pc-windows-msvc ] && program=keysift.exe

if [ "$version" = latest ]; then
    base="$from/latest/download"
else
    base="$from/download/v$version"
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# Gives 4 if there is no such file, 1 if it cannot be had for another reason: that there is no release is said only by whoever would have it.
download() {
    # Only https, also after redirections; files are for mirrors and tests.
    local protocols='=https' status code=0
    case "$base" in file://*) protocols='=file' ;; esac
    status="$(curl --proto "$protocols" --proto-redir "$protocols" --tlsv1.2 --fail --silent --show-error --location --retry 3 --max-time 300 \
        --write-out '%{http_code}' --output "$work/$1" "$base/$1")" || code=$?
    case "$code:$status" in
        0:*) ;;
        # A server says 404, and of files curl says 37.
        22:404 | 37:*) return 4 ;;
        *) return 1 ;;
    esac
}

code=0
download SHA256SUMS || code=$?
case "$code" in
    0) ;;
    4) fail "there is no release at $base" 4 ;;
    *) fail "$base/SHA256SUMS cannot be downloaded" ;;
esac
# The name stands alone in the second field, so that no other file's checksum can be taken.
expected="$(awk -v name="$archive" '{ sub(/\r$/, "") } $2 == name || $2 == "*" name { print $1 }' "$work/SHA256SUMS")"
case "$expected" in
    '') fail "the release at $base has no $archive" 4 ;;
    *[!0-9a-f]*) fail "SHA256SUMS at $base has no single checksum of $archive" ;;
esac
[ "${#expected}" -eq 64 ] || fail "SHA256SUMS at $base has no single checksum of $archive"
download "$archive" || fail "$base/$archive cannot be downloaded"

if command -v sha256sum > /dev/null; then
    actual="$(sha256sum < "$work/$archive" | cut -d ' ' -f 1)"
else
    actual="$(shasum -a 256 < "$work/$archive" | cut -d ' ' -f 1)"
fi
[ "$actual" = "$expected" ] || fail "the SHA-256 of $archive is $actual, and SHA256SUMS says $expected; nothing was installed"

tar -xzf "$work/$archive" -C "$work" "$program"
mkdir -p "$to"
mv -f "$work/$program" "$to/$program"
chmod 755 "$to/$program"
echo "installed $("$to/$program" --version) to $to/$program" >&2
