#!/bin/sh
# Writes the master key to standard output: the HSM decrypts it from FILE.
#
#   fobd serve --master-key-command '/usr/local/lib/fobd/master-key.sh /etc/fobd/master.key.wrapped'
#
# See README.md beside this file for the variables.
set -eu

file=${1:?usage: master-key.sh FILE}
FOBD_HSM_PIN=$(cat "${FOBD_HSM_PIN_FILE:?is not set}")
export FOBD_HSM_PIN

exec pkcs11-tool --module "${FOBD_HSM_MODULE:?is not set}" \
  --token-label "${FOBD_HSM_TOKEN:-fobd}" --login --pin env:FOBD_HSM_PIN \
  --decrypt --id "${FOBD_HSM_KEY_ID:-01}" \
  --mechanism RSA-PKCS-OAEP --hash-algorithm SHA-1 --mgf MGF1-SHA1 \
  --input-file "$file"
