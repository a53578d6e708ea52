import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { HiddenText } from '../../../server/data-directory/hidden-text.ts';
import {
  describeMasterKeySource,
  type MasterKeySource,
  masterKeySource,
  readMasterKey,
} from '../../../server/data-directory/master-key.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';

const TEXT = '00ff'.repeat(16);
const BYTES = Array.from({ length: 32 }, (_, place) => (place % 2 === 0 ? 0 : 255));

describe('where the master key comes from', () => {
  let place: string;
  let remove: () => Promise<void>;
  before(async () => {
    ({ place, remove } = await temporaryDirectory());
  });
  after(() => remove());

  /** The same text by each of the ways. */
  const sources = async (text: string): Promise<MasterKeySource[]> => {
    const file = path.join(place, 'key');
    await writeFile(file, text);
    return [
      { kind: 'file', file },
      { kind: 'environment', variable: 'FOBD_MASTER_KEY', text: new HiddenText(text) },
      { kind: 'command', command: ['cat', file] },
    ];
  };

  it('is master.key in the data directory unless something else is said', () => {
    expect(masterKeySource('/data', {})).to.deep.equal({ kind: 'file', file: '/data/master.key' });
    const masterKeyFile = '/etc/key';
    expect(masterKeySource('/data', { masterKeyFile })).to.have.property('file', '/etc/key');
    const masterKeyCommand = ['kms', '--pin', '4711'];
    const source = masterKeySource('/data', { masterKeyCommand });
    expect(source).to.deep.equal({ kind: 'command', command: masterKeyCommand });
    expect(describeMasterKeySource(source)).to.equal('the command kms');
  });

  for (const text of [TEXT, TEXT.toUpperCase(), ` ${TEXT.slice(0, 20)}\r\n\t${TEXT.slice(20)}\n`]) {
    it(`is read from each as ${JSON.stringify(text.slice(0, 30))}`, async () => {
      for (const source of await sources(text)) {
        expect([...(await readMasterKey(source))], source.kind).to.deep.equal(BYTES);
      }
    });
  }

  const wrong = ['', TEXT.slice(1), `${TEXT}0`, `${TEXT.slice(1)}g`, `0x${TEXT}`, `${TEXT}\u0000`];
  for (const text of wrong) {
    it(`is refused from each as ${JSON.stringify(text.slice(-10))}`, async () => {
      for (const source of await sources(text)) {
        const error: unknown = await readMasterKey(source).catch((thrown: unknown) => thrown);
        expect(error).to.be.instanceOf(FobtwinError).with.property('code', 'wrongMasterKey');
        const { message } = error as FobtwinError;
        expect(message).to.contain(describeMasterKeySource(source));
        if (text !== '') expect(message).not.to.contain(text);
      }
    });
  }

  it('shows no key to who looks at the source', () => {
    const text = new HiddenText(TEXT);
    const source = masterKeySource('/data', { masterKeyText: { variable: 'X', text } });
    for (const shown of [inspect(source, { depth: 9, showHidden: true }), JSON.stringify(source)]) {
      expect(shown).not.to.contain(TEXT);
    }
    expect(text.reveal()).to.equal(TEXT);
  });
});
