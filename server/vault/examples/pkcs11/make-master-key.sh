#!/bin/sh
# Makes a master key that only the HSM can decrypt, in FILE, and the key pair in the HSM for it
# where there is none yet. The master key itself is written nowhere.
#
# See README.md beside this file for the variables.
set -eu

file=${1:?usage: make-master-key.sh FILE}
test ! -e "$file" || { echo "$file exists: choose another name" >&2; exit 1; }
FOBD_HSM_PIN=$(cat "${FOBD_HSM_PIN_FILE:?is not set}")
export FOBD_HSM_PIN

id=${FOBD_HSM_KEY_ID:-01}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

hsm() {
  pkcs11-tool --module "${FOBD_HSM_MODULE:?is not set}" \
    --token-label "${FOBD_HSM_TOKEN:-fobd}" --login --pin env:FOBD_HSM_PIN "$@" >&2
}

read_public_key() {
  hsm --read-object --type pubkey --id "$id" --output-file "$work/public.der"
}

read_public_key 2>"$work/said" ||
  { hsm --keypairgen --key-type rsa:3072 --id "$id" --label fobd-master-key && read_public_key; }

umask 077
openssl rand -hex 32 |
  openssl pkeyutl -encrypt -pubin -keyform DER -inkey "$work/public.der" \
    -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha1 -out "$work/wrapped"
mv "$work/wrapped" "$file"
