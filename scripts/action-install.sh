#!/usr/bin/env bash
# Step of action.yml: installs a release binary, or builds one from the action's own checkout where there is no release for it.
#
# The release is that of the input `version`, else that of the action's ref if it is a version's tag. A ref that is a branch or a commit is built: it is
# not known to be what any release holds.
set -euo pipefail

bin="${RUNNER_TEMP:?the runner sets it}/keysift-bin"
version="${INPUT_VERSION:-}"
if [ -z "$version" ]; then
    # v1.2.3, but not v1, which moves.
    if [[ "${ACTION_REF:-}" =~ ^v?[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$ ]]; then
        version="$ACTION_REF"
    else
        version=source
    fi
fi

build() {
    command -v cargo > /dev/null || {
        echo "::error title=keysift::there is no release to install and no cargo to build one; set the input version to a release" >&2
        exit 2
    }
    # The folder of the action decides the toolchain and its configuration, not the scanned repository.
    (cd "$ACTION_PATH" && cargo build --release --locked --target-dir "$bin/target" >&2)
    for program in "$bin"/target/release/keysift.exe "$bin"/target/release/keysift; do
        [ -f "$program" ] && break
    done
}

if [ "$version" = source ]; then
    build
else
    from="${KEYSIFT_RELEASES:-${GITHUB_SERVER_URL:-https://github.com}/${ACTION_REPOSITORY:?the runner sets it}/releases}"
    code=0
    "$ACTION_PATH/scripts/install.sh" --version "$version" --to "$bin" --from "$from" || code=$?
    program="$bin/keysift"
    [ -f "$bin/keysift.exe" ] && program="$bin/keysift.exe"
    # No release is something else than one with a wrong checksum; the latter is never passed over.
    if [ "$code" -eq 4 ] && [ -z "${INPUT_VERSION:-}" ]; then
        build
    elif [ "$code" -ne 0 ]; then
        exit "$code"
    fi
fi
printf 'keysift=%s\n' "$program" >> "$GITHUB_OUTPUT"
