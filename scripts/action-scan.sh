#!/usr/bin/env bash
# Step of action.yml: turns the inputs into options of `keysift ci`, which does the rest.
set -euo pipefail

# Ends the step as wrong usage.
wrong() {
    echo "::error title=keysift::$1"
    printf 'exit-code=2\nblobs-scanned=0\n' >> "$GITHUB_OUTPUT"
    exit 2
}

# YAML has many words for yes; one that is not understood must not become a no.
check() {
    case "$2" in
        true | false) ;;
        *) wrong "the input $1 is neither 'true' nor 'false'" ;;
    esac
}
check confirm "${INPUT_CONFIRM:=false}"
check summary "${INPUT_SUMMARY:=true}"
check upload-sarif "${INPUT_UPLOAD_SARIF:=false}"

if [ -n "${INPUT_PATH:-}" ]; then
    cd -- "$INPUT_PATH" || wrong "the input path names no folder; it is that of the checkout, below the workspace"
fi

options=(ci --scan "${INPUT_SCAN:-auto}" --sarif-file "$RUNNER_TEMP/keysift.sarif" --report-file "$RUNNER_TEMP/keysift.json")

# An option that was not given keeps its default.
add() {
    if [ -n "$2" ]; then
        options+=("$1=$2")
    fi
}
add --base "${INPUT_BASE:-}"
add --head "${INPUT_HEAD:-}"
add --config "${INPUT_CONFIG:-}"
add --baseline "${INPUT_BASELINE:-}"
add --sarif-category "${INPUT_CATEGORY:-}"
if [ "$INPUT_CONFIRM" = true ]; then options+=(--confirm); fi
if [ "$INPUT_SUMMARY" = false ]; then options+=(--no-summary); fi
case "${INPUT_FAIL_ON:-any}" in
    any) ;;
    none) options+=(--exit-code=0) ;;
    *) options+=("--fail-on=$INPUT_FAIL_ON") ;;
esac
# Words of all lines, not a command line: nothing in them is expanded. There is no zero byte at which the reading would end well.
read -r -d '' -a further <<< "${INPUT_ARGS:-}" || true

exec "$KEYSIFT" "${options[@]}" ${further[@]+"${further[@]}"}
