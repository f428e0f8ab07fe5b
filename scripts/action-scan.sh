#!/usr/bin/env bash
# Step of action.yml: turns the inputs into options of `keysift ci`, which does the rest.
set -euo pipefail

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
if [ "${INPUT_CONFIRM:-false}" = true ]; then options+=(--confirm); fi
if [ "${INPUT_SUMMARY:-true}" = false ]; then options+=(--no-summary); fi
case "${INPUT_FAIL_ON:-any}" in
    any) ;;
    none) options+=(--exit-code=0) ;;
    *) options+=("--fail-on=$INPUT_FAIL_ON") ;;
esac
# Words, not a command line: nothing in them is expanded.
read -r -a further <<< "${INPUT_ARGS:-}"

exec "$KEYSIFT" "${options[@]}" ${further[@]+"${further[@]}"}
