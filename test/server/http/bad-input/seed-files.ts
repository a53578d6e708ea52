import { gzipSync } from 'node:zlib';
import { formatCsv } from '../../../../shared/seed-files/csv-format.ts';
import { formatPskc } from '../../../../shared/seed-files/pskc.ts';
import { type Sent, timeEntry } from '../served.ts';
import { type Case, invalid, json, refused } from './case.ts';

const csv = { 'content-type': 'text/csv' };
const pskc = { 'content-type': 'application/pskc+xml' };

const goodPskc = formatPskc([timeEntry('NEW1'), timeEntry('NEW2')]);
const goodLines = formatCsv([timeEntry('NEW1'), timeEntry('NEW2'), timeEntry('NEW3')]).split('\n');
const withLine = (number: number, line: string): string =>
  goodLines.map((text, index) => (index === number - 1 ? line : text)).join('\n');
const seedFile = (headers: Readonly<Record<string, string>>, body: unknown, query = ''): Sent => ({
  path: `/v1/seed-files${query}`,
  headers,
  body,
});

/** Every one of these leaves nothing behind: the test looks. */
export const SEED_FILES: readonly Case[] = [
  {
    name: 'PSKC that is cut off',
    send: seedFile(pskc, goodPskc.slice(0, goodPskc.lastIndexOf('<KeyPackage>') + 40)),
    expected: invalid('KeyPackage 2', 'truncated'),
  },
  {
    name: 'PSKC with a DTD',
    send: seedFile(pskc, goodPskc.replace('?>', '?><!DOCTYPE KeyContainer SYSTEM "a.dtd">')),
    expected: invalid('line 1', 'doctype'),
  },
  {
    name: 'PSKC with an entity',
    send: seedFile(pskc, goodPskc.replace('>NEW2<', '>&serial;<')),
    expected: invalid('KeyPackage 2', 'entity'),
  },
  {
    name: 'PSKC with a serial twice',
    send: seedFile(pskc, goodPskc.replaceAll('NEW2', 'new 1')),
    expected: invalid('KeyPackage 2/Serial', 'duplicate'),
  },
  {
    name: 'PSKC with a seed of 120 bits',
    send: seedFile(
      pskc,
      goodPskc.replaceAll(/(<Secret><PlainValue>)[^<]+/g, `$1${'A'.repeat(20)}`),
    ),
    expected: invalid('KeyPackage 1/Secret', 'seedTooShort'),
  },
  {
    name: 'PSKC with an unknown algorithm',
    send: seedFile(pskc, goodPskc.replaceAll('pskc:totp', 'pskc:fax')),
    expected: invalid('KeyPackage 1/Algorithm', 'unknownAlgorithm'),
  },
  {
    name: 'CSV with a bad line in the middle',
    send: seedFile(csv, withLine(3, 'NEW2,not-hexadecimal,SHA1,6,30,')),
    expected: invalid('line 3/seed', 'badFormat'),
  },
  {
    name: 'CSV with a serial twice',
    send: seedFile(csv, withLine(4, goodLines[1] ?? '')),
    expected: invalid('line 4/serial', 'duplicate'),
  },
  {
    name: 'CSV that is cut off',
    send: seedFile(csv, goodLines.join('\n').slice(0, -3)),
    expected: invalid('line 4', 'truncated'),
  },
  {
    name: 'a seed file as JSON',
    send: seedFile(json, '{}'),
    expected: refused(415, 'unsupportedMediaType'),
  },
  {
    name: 'a seed file without a media type',
    send: seedFile({}, goodLines.join('\n')),
    expected: refused(415, 'unsupportedMediaType'),
  },
  {
    name: 'a compressed seed file',
    send: seedFile({ ...csv, 'content-encoding': 'gzip' }, gzipSync(goodLines.join('\n'))),
    expected: refused(415, 'unsupportedMediaType'),
  },
  {
    name: 'a seed file that is not UTF-8',
    send: seedFile(csv, Buffer.from(`${goodLines[0]}\nNEW1\xff\n`, 'latin1')),
    expected: refused(400, 'malformedBody'),
  },
  {
    name: 'a dry run that is neither true nor false',
    send: seedFile(csv, goodLines.join('\n'), '?dryRun=maybe'),
    expected: invalid('/query/dryRun', 'notAllowed'),
  },
  {
    name: 'an unknown query parameter',
    send: seedFile(csv, goodLines.join('\n'), '?dry=true'),
    expected: invalid('/query/dry', 'unknownField'),
  },
];
