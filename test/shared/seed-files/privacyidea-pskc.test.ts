import { expect } from 'chai';
import { FIGURE_6, FIGURE_6_KEY } from './rfc6030.ts';
import { keyOf, readWhole } from './sealing.ts';

const SEED = new TextEncoder().encode('12345678901234567890');
const TAG = /<(\/?[\w:]+)([^>?]*)>/g;

/** What `export_pskc` of privacyidea/lib/importotp.py makes of a file: every name in lower case. */
function lowerCased(text: string): string {
  return text.replace(TAG, (_, name: string, attributes: string) => {
    const lower = attributes.replace(/ *\b(Version|Id|Algorithm|Length|Encoding)=/g, (attribute) =>
      attribute.toLowerCase(),
    );
    return `<${name.toLowerCase()}${lower}>`;
  });
}

const exported = (type: 'hotp' | 'totp', data: string) =>
  lowerCased(
    FIGURE_6.replace('pskc:hotp', `pskc:${type}`)
      .replace('Encoding="DECIMAL"/>', 'Encoding="DECIMAL"/><Suite hashalgo="sha256"/>')
      .replace(/<Counter>[\s\S]*<\/Counter>/, data),
  );

const plain = (name: string, value: string) =>
  `<${name}><PlainValue>${value}</PlainValue></${name}>`;

describe('PSKC as privacyIDEA exports it', () => {
  const options = { key: keyOf(FIGURE_6_KEY) };
  const algorithm = 'SHA256';

  it('keeps the counter of an event token, and has names in lower case', async () => {
    const data = [
      plain('Time', '0'),
      plain('TimeInterval', '0'),
      plain('Counter', '42'),
      plain('TimeDrift', '0'),
    ];
    const text = exported('hotp', data.join(''));
    expect(text).to.include('<keycontainer version="1.0"').and.include('<valuemac>');
    const [entry] = await readWhole('pskc', [text], options);
    expect(entry).to.deep.include({
      serial: '987654321',
      seed: SEED,
      parameters: { type: 'event', algorithm, digits: 8 },
      nextCounter: 42,
    });
  });

  it('keeps the step of a time token, whatever stands for its drift', async () => {
    const data = plain('Time', '0') + plain('TimeInterval', '60') + plain('TimeDrift', 'None');
    const [entry] = await readWhole('pskc', [exported('totp', data)], options);
    const parameters = { type: 'time', algorithm, digits: 8, stepSeconds: 60 };
    expect(entry).to.deep.include({ seed: SEED, parameters, nextCounter: 0 });
  });
});
