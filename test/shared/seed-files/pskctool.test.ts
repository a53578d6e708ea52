import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import type { SeedFileEntry } from '../../../shared/seed-files/entry.ts';
import { formatPskc } from '../../../shared/seed-files/pskc-writer.ts';
import { type Peer, peerOrSkip } from '../../support/debian.ts';
import { arbitraryEntry } from './arbitrary-entries.ts';

const execute = promisify(execFile);
const FILES = 25;

/** pskctool prints a line a value, so that a label of several lines could not be told apart. */
const oneLine = (text: string) => text.replace(/\s+/g, ' ');
const entries = fc.uniqueArray(
  arbitraryEntry(['manufacturer', 'model', 'issuer']).map((entry) => ({
    ...entry,
    ...(entry.manufacturer === undefined ? {} : { manufacturer: oneLine(entry.manufacturer) }),
    ...(entry.model === undefined ? {} : { model: oneLine(entry.model) }),
    ...(entry.issuer === undefined ? {} : { issuer: oneLine(entry.issuer) }),
  })),
  { selector: ({ serial }) => serial, minLength: 1, maxLength: 20 },
);

describe('PSKC files of ours', () => {
  let pskctool: Peer;
  let directory: string;

  before(async function () {
    directory = await mkdtemp(path.join(tmpdir(), 'fobtwin-pskctool-'));
    pskctool = await peerOrSkip(this, 'pskctool');
  });
  after(() => rm(directory, { recursive: true, force: true }));

  async function ask(mode: '--validate' | '--info', text: string): Promise<string> {
    const file = path.join(directory, 'tokens.pskcxml');
    await writeFile(file, text);
    const parameters = ['--strict', mode, file];
    const { stdout } = await execute(pskctool.path, parameters, { env: pskctool.env });
    return stdout;
  }

  it('are valid for pskctool, and read back by it', async function () {
    this.timeout(120_000);
    const property = fc.asyncProperty(entries, async (tokens) => {
      const text = formatPskc(tokens);
      expect(await ask('--validate', text)).to.equal('OK\n');
      expect(packagesOf(await ask('--info', text))).to.deep.equal(tokens.map(expectedPackage));
    });
    await fc.assert(property, { numRuns: FILES });
  });

  it('would be found out if they were not valid', async () => {
    const [token] = fc.sample(entries, { numRuns: 1, seed: 1 })[0] ?? [];
    if (token === undefined) throw new Error('no sample');
    const valid = formatPskc([token]);
    for (const invalid of [
      valid.replace('<SerialNo>', '<Sticker>').replace('</SerialNo>', '</Sticker>'),
      valid.replace(/ Id="[^"]*"/, ''),
      valid.replace('Encoding="DECIMAL"', 'Encoding="decimal"'),
    ]) {
      const verdict = await ask('--validate', invalid).catch(() => 'refused');
      expect(verdict).to.match(/^(FAIL\n|refused)$/);
    }
  });
});

/** What `pskctool --info` prints of each KeyPackage. */
function packagesOf(report: string): Record<string, string>[] {
  const [, ...packages] = report.split(/^\tKeyPackage \d+:$/m);
  return packages.map((text) => {
    const pairs = text.matchAll(/^\t+([^:\n]+): (.*)$/gm);
    return Object.fromEntries(Array.from(pairs, ([, name = '', value = '']) => [name, value]));
  });
}

function expectedPackage(entry: SeedFileEntry): Record<string, string> {
  const { serial, seed, parameters, nextCounter, manufacturer, model, issuer } = entry;
  const type = parameters.type === 'event' ? 'hotp' : 'totp';
  const movingFactor: Record<string, string> =
    parameters.type === 'event'
      ? { 'Key Counter': String(nextCounter) }
      : { 'Key Time': '0', 'Key TimeInterval': String(parameters.stepSeconds) };
  const suite = parameters.algorithm.replace('SHA', 'HMAC-SHA');
  return {
    ...(manufacturer === undefined ? {} : { Manufacturer: manufacturer }),
    SerialNo: serial,
    ...(model === undefined ? {} : { Model: model }),
    Id: serial,
    ...(issuer === undefined ? {} : { Issuer: issuer }),
    Algorithm: `urn:ietf:params:xml:ns:keyprov:pskc:${type}`,
    'Key Secret (base64)': Buffer.from(seed).toString('base64'),
    ...movingFactor,
    ...(parameters.algorithm === 'SHA1' ? {} : { 'Algorithm Parameters Suite': suite }),
    'Response Format Length': String(parameters.digits),
    'Response Format Encoding': 'DECIMAL',
  };
}
