"""Reads or writes one PSKC file with python-pskc, for python-pskc.test.ts: JSON in, JSON out."""

import base64
import io
import json
import sys

from pskc import PSKC


def open_with(pskc, key):
    if 'passphrase' in key:
        pskc.encryption.derive_key(key['passphrase'])
    elif 'hex' in key:
        pskc.encryption.key = bytes.fromhex(key['hex'])


def read(order):
    pskc = PSKC(io.BytesIO(order['text'].encode()))
    open_with(pskc, order['key'])
    return [
        {
            'serial': key.serial,
            'seed': base64.b64encode(key.secret).decode(),
            'algorithm': key.algorithm,
            'suite': key.algorithm_suite,
            'digits': key.response_length,
            'counter': key.counter,
            'step': key.time_interval,
            'manufacturer': key.manufacturer,
            'user': key.key_userid,
        }
        for key in pskc.keys
    ]


def write(order):
    pskc = PSKC()
    for token in order['tokens']:
        pskc.add_key(**{**token, 'secret': base64.b64decode(token['secret'])})
    key, options = order['key'], order['options']
    if 'mac' in options:
        pskc.mac.setup(algorithm=options.pop('mac'))
    if 'passphrase' in key:
        pskc.encryption.setup_pbkdf2(key['passphrase'], **options)
    elif 'hex' in key:
        pskc.encryption.setup_preshared_key(key=bytes.fromhex(key['hex']), **options)
    output = io.BytesIO()
    pskc.write(output)
    return output.getvalue().decode()


order = json.load(sys.stdin)
try:
    answer = {'answer': {'read': read, 'write': write}[order['do']](order)}
except Exception as error:
    answer = {'error': '%s: %s' % (type(error).__name__, error)}
json.dump(answer, sys.stdout)
