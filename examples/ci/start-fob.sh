#!/bin/sh
# FOB_OTPAUTH       the tokens, one otpauth:// address a line, with seeds for tests only
# FOB_FACE_TOKEN    what callers must know: 22 to 128 letters, digits, hyphens and underscores
# FOB_HOST          default 0.0.0.0: the job reaches the container from outside
# FOB_PORT          default 8765
set -eu

printf '%s\n' "${FOB_OTPAUTH:?names no token}" | fob import - >&2
exec fob face --qa --json --host "${FOB_HOST:-0.0.0.0}" --port "${FOB_PORT:-8765}"
