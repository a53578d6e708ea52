import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { expect } from 'chai';
import { seedFileCrypto } from '../../../server/http/seed-file-crypto.ts';
import { IMPORTS } from '../../../server/tokens/import-record.ts';
import { TOKENS } from '../../../server/tokens/record.ts';
import { createClient } from '../../../shared/client/client.ts';
import { formatCsv } from '../../../shared/seed-files/csv-format.ts';
import type { SeedFileEntry } from '../../../shared/seed-files/entry.ts';
import { formatKeyHeader, type SeedFileKey } from '../../../shared/seed-files/key.ts';
import { createSeedFileParser } from '../../../shared/seed-files/parser.ts';
import { writePskc } from '../../../shared/seed-files/pskc-writer.ts';
import { eventEntry, type Got, type Served, seedOf, serve, timeEntry } from './served.ts';

const KEYS: readonly SeedFileKey[] = [
  { kind: 'key', bytes: new Uint8Array(16).fill(0x5a) },
  { kind: 'passphrase', text: 'käse & 100% ' },
];
const rng = { bytes: (length: number) => randomBytes(length), uniform: Math.random };
const SAFENET = `<?xml version="1.0" encoding="UTF-8"?>
<Tokens><Token serial="SN0001"><CaseModel>5</CaseModel><Applications><Application>
<ConnectorID>{a}</ConnectorID><Seed>3132333435363738393031323334353637383930</Seed>
<MovingFactor>4</MovingFactor></Application></Applications></Token></Tokens>`;

async function encrypted(key: SeedFileKey, ...serials: string[]): Promise<string> {
  const encryption = { key, crypto: seedFileCrypto, rng };
  let text = '';
  for await (const piece of writePskc(serials.map(eventEntry), { encryption })) text += piece;
  return text;
}

async function read(text: string, format: 'pskc' | 'csv', key?: SeedFileKey) {
  const entries: SeedFileEntry[] = [];
  const options = key === undefined ? {} : { key, crypto: seedFileCrypto };
  const parser = createSeedFileParser(format, (entry) => entries.push(entry), options);
  parser.write(text);
  await parser.ready?.();
  parser.end();
  return entries;
}

describe('seed files over HTTP', () => {
  let served: Served;
  beforeEach(async () => {
    served = await serve();
  });
  afterEach(() => served.close());

  const send = async (
    body: string,
    headers: Readonly<Record<string, string>>,
    query = '',
  ): Promise<Got> =>
    served.send({ path: `/v1/seed-files${query}`, key: await served.key(), headers, body });
  const exported = async (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    served.send({ path: '/v1/seed-files/export', key: await served.key(), headers, body });
  const serials = async () =>
    (await served.store.scan(TOKENS, { limit: 500 })).items.map(({ serial }) => serial);

  for (const key of KEYS) {
    it(`come in encrypted by a ${key.kind}, and go out so`, async () => {
      const header = { 'Fobd-Seed-File-Key': formatKeyHeader(key) };
      const headers = { 'content-type': 'application/pskc+xml', ...header };
      const reply = await send(await encrypted(key, 'FT1', 'FT2'), headers);
      expect(reply.json).to.deep.include({ imported: 2, skipped: 0, refused: 0 });
      const out = await exported({ format: 'pskc' }, header);
      expect(out.status).to.equal(200);
      expect(out.headers['content-type']).to.equal('application/pskc+xml');
      expect(out.text).to.contain('CipherValue').and.not.to.contain('<Secret><PlainValue>');
      const entries = await read(out.text, 'pskc', key);
      expect(entries.map(({ serial }) => serial)).to.deep.equal(['FT1', 'FT2']);
      expect(Buffer.from(entries[0]?.seed ?? [])).to.deep.equal(Buffer.from(seedOf('FT1')));
      const { items } = await served.store.auditPage({ after: 0, limit: 50 });
      expect(items.at(-1)).to.deep.include({ action: 'export' });
      expect(items.at(-1)?.details).to.include({ protection: key.kind, exported: 2 });
      // Of what opens the file nothing is left anywhere.
      const kept = JSON.stringify([items, served.logged]);
      expect(kept).not.to.contain('5a5a5a').and.not.to.contain('käse');
    });
  }

  it('are refused whole with the wrong key, without it, or when they were changed', async () => {
    const [key, passphrase] = KEYS;
    if (key === undefined || passphrase === undefined) throw new Error('two keys');
    const file = await encrypted(key, 'FT1');
    const headers = (given?: SeedFileKey) => ({
      'content-type': 'application/pskc+xml',
      ...(given === undefined ? {} : { 'Fobd-Seed-File-Key': formatKeyHeader(given) }),
    });
    const other: SeedFileKey = { kind: 'key', bytes: new Uint8Array(16).fill(1) };
    const [, value = ''] = /CipherValue>([^<]+)</.exec(file.slice(file.indexOf('<Secret'))) ?? [];
    const changed = file.replace(
      value,
      value.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')),
    );
    expect(changed).not.to.equal(file);
    for (const [body, given] of [
      [file, other],
      [file, undefined],
      [file, passphrase],
      [changed, key],
    ] as const) {
      for (const query of ['', '?partial=true']) {
        expect((await send(body, headers(given), query)).status).to.equal(422);
      }
    }
    expect(await serials()).to.deep.equal([]);
  });

  it('that say only that they are XML are told apart by how they begin', async () => {
    const headers = { 'content-type': 'application/xml' };
    expect((await send(SAFENET, headers)).json).to.include({ imported: 1 });
    const pskc = '<!-- a comment -->';
    let text = '';
    for await (const piece of writePskc([timeEntry('FT2')])) text += piece;
    const reply = await send(text.replace('?>', `?>${pskc}`), headers);
    expect(reply.json).to.include({ imported: 1 });
    expect(await serials()).to.deep.equal(['FT2', 'SN0001']);
  });

  it('come in part where that is asked for, each row with what became of it', async () => {
    const lines = formatCsv([eventEntry('FT1'), eventEntry('FT2'), eventEntry('FT3')]).split('\n');
    const bad = lines.map((line, n) => (n === 2 ? line.replace(/,[0-9a-f]{40},/, ',xyz,') : line));
    const headers = { 'content-type': 'text/csv' };
    const dry = await send(bad.join('\n'), headers, '?dryRun=true');
    const refused = { result: 'refused', reason: 'badFormat', field: 'line 3/seed' };
    expect(dry.json).to.include({ imported: 0, refused: 1 });
    const [first, second, third] = dry.json['rows'] as object[];
    expect(first).to.deep.equal({ serial: 'FT1', result: 'skipped', reason: 'fileRefused' });
    expect(second).to.include(refused);
    expect(third).to.deep.equal({ serial: 'FT3', result: 'skipped', reason: 'fileRefused' });
    expect((await send(bad.join('\n'), headers)).status).to.equal(422);
    const part = await send(bad.join('\n'), headers, '?partial=true');
    expect(part.json).to.include({ imported: 2, skipped: 0, refused: 1 });
    expect((part.json['rows'] as object[])[1]).to.include(refused);
    expect(await serials()).to.deep.equal(['FT1', 'FT3']);
  });

  it('go out as CSV with their counters, and come in again', async () => {
    await served.stock({ ...eventEntry('FT1'), nextCounter: 41 }, eventEntry('FT2'));
    const out = await exported({ format: 'csv', plain: true, state: 'stocked' });
    expect(out.headers['content-type']).to.equal('text/csv');
    const [first] = await read(out.text, 'csv');
    expect(first).to.include({ serial: 'FT1', nextCounter: 41 });
  });

  /** The head of a request and a part of its body, by hand; the connection stays open. */
  async function begin(body: string, length: number) {
    const { hostname, port } = new URL(served.url);
    const socket = net.connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    socket.write(
      `POST /v1/seed-files HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: text/csv\r\n` +
        `Authorization: Bearer ${await served.key()}\r\nContent-Length: ${length}\r\n\r\n${body}`,
    );
    return socket;
  }
  const states = async () =>
    (await served.store.scan(IMPORTS, { limit: 500 })).items.map(({ state }) => state);
  async function until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
  }

  it('whose connection breaks off leave nothing, and keep others out only until then', async () => {
    const many = formatCsv(Array.from({ length: 900 }, (_, n) => eventEntry(`FT${1000 + n}`)));
    const socket = await begin(many.slice(0, -400), many.length);
    await until(async () => (await states()).includes('staging'));
    const other = formatCsv([eventEntry('OTHER')]);
    const refused = await send(other, { 'content-type': 'text/csv' });
    expect(refused.status).to.equal(409);
    expect(refused.json).to.include({ code: 'notAllowedNow' });
    expect(refused.text).to.match(/Import 1, begun by application:[0-9a-f]{16} at /);
    const key = await served.key();
    const list = await served.send({ method: 'GET', path: '/v1/tokens', key });
    expect(list.json['items']).to.deep.equal([]);
    socket.destroy();
    await until(async () => (await states()).length === 0);
    expect(await serials()).to.deep.equal([]);
    await until(async () => (await send(other, { 'content-type': 'text/csv' })).status === 200);
    expect(await serials()).to.deep.equal(['OTHER']);
    expect(served.logged).to.deep.equal([]);
  });

  it('that fail before their first piece are answered with a problem', async () => {
    await served.stock(eventEntry('FT1'));
    const [token] = (await served.store.scan(TOKENS, { limit: 1 })).items;
    if (token === undefined) throw new Error('it is stocked');
    const key = { kind: TOKENS, id: token.serial };
    const record = { ...token, sealedSeed: { ...token.sealedSeed, dataKey: 'gone' } };
    await served.store.transact([key], () => ({
      writes: [{ key, record }],
      auditDrafts: [],
      reply: undefined,
    }));
    const out = await exported({ format: 'pskc', plain: true });
    expect(out.status).to.equal(500);
    expect(out.headers['content-type']).to.match(/^application\/problem\+json/);
    expect(out.json).to.include({ code: 'internal' });
  });

  it('of many rows are told of row by row', async () => {
    const entries = Array.from({ length: 1100 }, (_, n) => eventEntry(`FT${1000 + n}`));
    const reply = await send(formatCsv(entries), { 'content-type': 'text/csv' });
    expect(reply.headers['content-type']).to.match(/^application\/json/);
    expect(reply.json).to.deep.equal({
      imported: 1100,
      skipped: 0,
      refused: 0,
      rows: entries.map(({ serial }) => ({ serial, result: 'imported' })),
    });
  });

  it('that break off on their way out are known for it', async () => {
    await served.stock(...Array.from({ length: 250 }, (_, n) => eventEntry(`FT${1000 + n}`)));
    const [token] = (await served.store.scan(TOKENS, { after: 'FT1220', limit: 1 })).items;
    if (token === undefined) throw new Error('it is stocked');
    // A sealed seed that does not open: damage that shows when most of the file is out.
    await served.store.transact([{ kind: TOKENS, id: token.serial }], () => ({
      writes: [
        {
          key: { kind: TOKENS, id: token.serial },
          record: { ...token, sealedSeed: { ...token.sealedSeed, dataKey: 'gone' } },
        },
      ],
      auditDrafts: [],
      reply: undefined,
    }));
    const client = createClient({ baseUrl: served.url, fetch, apiKey: await served.key() });
    const pieces = await client.stream('exportSeedFile', { body: { format: 'pskc', plain: true } });
    let failure: unknown;
    try {
      for await (const _ of pieces);
    } catch (error) {
      failure = error;
    }
    expect(failure).to.have.property('code', 'unavailable');
    expect(served.logged).not.to.deep.equal([]);
    expect(JSON.stringify(served.logged)).not.to.contain(
      Buffer.from(seedOf('FT1000')).toString('hex'),
    );
  });
});
