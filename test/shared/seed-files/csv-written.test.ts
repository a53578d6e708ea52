import { expect } from 'chai';
import fc from 'fast-check';
import { writeCsv } from '../../../shared/seed-files/csv-format.ts';
import type { SeedFileEntry } from '../../../shared/seed-files/entry.ts';
import { arbitraryEntries, cut, cuts } from './arbitrary-entries.ts';
import { expectRefusal } from './reading.ts';
import { join, readWhole, tokens } from './sealing.ts';

const ENTRA = 'upn,serial number,secret key,time interval,manufacturer,model';
const [event] = tokens(1);
if (event === undefined) throw new Error('there is a token');
const token: SeedFileEntry = {
  ...event,
  parameters: { type: 'time', algorithm: 'SHA1', digits: 6, stepSeconds: 30 },
  nextCounter: 0,
};

describe('CSV that is written', () => {
  const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();
  const entries = arbitraryEntries(['manufacturer', 'model', 'issuer', 'account']).map((all) =>
    all.map((entry) => ({
      ...entry,
      ...(entry.manufacturer === undefined ? {} : { manufacturer: oneLine(entry.manufacturer) }),
      ...(entry.model === undefined ? {} : { model: oneLine(entry.model) }),
      ...(entry.issuer === undefined ? {} : { issuer: oneLine(entry.issuer) }),
    })),
  );

  it('comes back as it was, cut anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(entries, cuts, async (all, shares) => {
        const pieces = cut(await join(writeCsv(all)), shares);
        expect(await readWhole('csv', pieces)).to.deep.equal(all);
      }),
    );
  });

  it('for Entra comes back as it was', async () => {
    const fitting = entries.map((all) =>
      all.map(
        ({ issuer: _issuer, ...entry }): SeedFileEntry => ({
          ...entry,
          parameters: { type: 'time', algorithm: 'SHA1', digits: 6, stepSeconds: 30 },
          nextCounter: 0,
        }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fitting, async (all) => {
        const text = await join(writeCsv(all, { dialect: 'entra' }));
        expect(text.split('\n')[0]).to.equal(ENTRA);
        expect(await readWhole('csv', [text])).to.deep.equal(all);
      }),
    );
  });

  it('for Entra is refused where something would be lost', async () => {
    const losing: readonly Partial<SeedFileEntry>[] = [
      { issuer: 'x' },
      { parameters: { type: 'event', algorithm: 'SHA1', digits: 6 } },
      { parameters: { type: 'time', algorithm: 'SHA256', digits: 6, stepSeconds: 30 } },
      { parameters: { type: 'time', algorithm: 'SHA1', digits: 8, stepSeconds: 30 } },
    ];
    for (const change of losing) {
      const text = join(writeCsv([token, { ...token, ...change }], { dialect: 'entra' }));
      expectRefusal(await text.catch((error: unknown) => error), 'line 3', 'notAllowed');
    }
  });

  it('is refused for texts that a line cannot hold, and without tokens', async () => {
    for (const model of ['a\nb', 'a\rb', ' a', '']) {
      const text = join(writeCsv([{ ...token, model }]));
      expectRefusal(await text.catch((error: unknown) => error), 'line 2/model', 'badFormat');
    }
    const none = await join(writeCsv([])).catch((error: unknown) => error);
    expectRefusal(none, 'line 2', 'required');
  });
});
