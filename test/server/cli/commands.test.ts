import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { Level } from 'level';
import { createOtp } from '../../../shared/otp.ts';
import { parseSeed } from '../../../shared/types.ts';
import { fobd, type Ran, serveInProcess } from '../../support/fobd-in-process.ts';
import { runFobdProcess, temporaryDirectory } from '../../support/fobd-process.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';

const SEED_HEX = '3132333435363738393031323334353637383930';
const seed = parseSeed(Buffer.from(SEED_HEX, 'hex'));
const otp = createOtp(nodeCrypto);

function eventCode(counter: number): string {
  if (seed === undefined) throw new Error('a fit seed');
  return otp.code(seed, counter, { algorithm: 'SHA1', digits: 6 });
}

const CSV = `serial,seed,algorithm,digits,counter
EV1,${SEED_HEX},SHA1,6,0
EV2,${SEED_HEX},SHA1,6,0
`;

interface Line {
  /** Exit code, and the error's code or the outcome. */
  readonly ends: string;
  readonly args: readonly string[];
  readonly input?: string;
}
const twoCodes = (first: number): string => `${eventCode(first)}\n${eventCode(first + 1)}\n`;

/** A day at the helpdesk: every command, done and refused. */
const SCRIPT: readonly Line[] = [
  { ends: '0', args: ['account', 'add', 'jennifer', '--name', 'Jennifer Blue'] },
  { ends: '1 exists', args: ['account', 'add', 'jennifer'] },
  { ends: '0', args: ['account', 'show', 'jennifer'] },
  { ends: '1 notFound', args: ['account', 'show', 'nobody'] },
  {
    ends: '0',
    args: ['account', 'add', 'bob', '--legal-name', 'Robert Blue', '--country', 'de'],
  },
  { ends: '1 exists', args: ['account', 'add', 'Jennifer'] },
  { ends: '1 invalidInput', args: ['account', 'add', 'x', '--country', 'XX'] },
  { ends: '2 usage', args: ['account', 'add', 'x', '--role', 'king'] },
  {
    ends: '0',
    args: ['account', 'change', 'bob', '--email', 'bob@example.com', '--clear', 'legal-name'],
  },
  { ends: '2 usage', args: ['account', 'change', 'bob'] },
  { ends: '2 usage', args: ['account', 'change', 'bob', '--email', 'b@c', '--clear', 'email'] },
  { ends: '1 invalidInput', args: ['account', 'change', 'bob', '--email', 'nobody'] },
  { ends: '1 notFound', args: ['account', 'change', 'nobody', '--name', 'N'] },
  { ends: '0', args: ['account', 'disable', 'bob', '--reason', 'has left'] },
  { ends: '1 notAllowedNow', args: ['account', 'disable', 'bob'] },
  { ends: '0', args: ['account', 'enable', 'bob'] },
  { ends: '0', args: ['account', 'password', 'bob'], input: 'seven tame walruses\n' },
  { ends: '1 invalidInput', args: ['account', 'password', 'bob'], input: 'password1\n' },
  { ends: '2 usage', args: ['account', 'password', 'bob'] },
  { ends: '0', args: ['account', 'password', 'bob', '--remove'] },
  { ends: '1 notAllowedNow', args: ['account', 'password', 'bob', '--remove'] },
  { ends: '1 fileUnreadable', args: ['account', 'password', 'bob', '--password-file', 'none'] },
  { ends: '0', args: ['account', 'show', 'bob'] },
  { ends: '0', args: ['account', 'explain', 'bob'] },
  { ends: '0', args: ['account', 'list'] },
  { ends: '0', args: ['seed-file', 'import', 'tokens.csv', '--dry-run'] },
  { ends: '0', args: ['seed-file', 'import', 'tokens.csv'] },
  { ends: '0', args: ['seed-file', 'import', 'tokens.csv'] },
  { ends: '0', args: ['seed-file', 'import', 'no-extension'] },
  { ends: '1 invalidInput', args: ['seed-file', 'import', 'bad.csv'] },
  { ends: '1 fileUnreadable', args: ['seed-file', 'import', 'not-there.csv'] },
  { ends: '0', args: ['token', 'list'] },
  { ends: '0', args: ['token', 'list', '--state', 'registered'] },
  { ends: '0', args: ['token', 'list', '--limit', '1'] },
  { ends: '0', args: ['token', 'register', 'ev1', '--account', 'jennifer'], input: twoCodes(0) },
  {
    ends: '1 alreadyRegistered',
    args: ['token', 'register', 'EV1', '--account', 'jennifer'],
    input: twoCodes(2),
  },
  {
    ends: '1 notFound',
    args: ['token', 'register', 'EV2', '--account', 'nobody'],
    input: twoCodes(0),
  },
  { ends: '0', args: ['token', 'resync', 'EV1'], input: twoCodes(40) },
  { ends: '1 wrongCode', args: ['token', 'resync', 'EV1'], input: twoCodes(40) },
  { ends: '1 invalidInput', args: ['token', 'resync', 'EV1'], input: '111111\n111111\n' },
  { ends: '2 usage', args: ['token', 'resync', 'EV1'], input: '111111\n' },
  { ends: '1 invalidInput', args: ['token', 'resync', 'EV1'], input: 'abc\ndef\n' },
  { ends: '1 notAllowedNow', args: ['token', 'reset-drift', 'EV1'] },
  { ends: '2 usage', args: ['token', 'replace', 'EV1'], input: twoCodes(0) },
  { ends: '1 notFound', args: ['token', 'replace', 'EV1', '--with', 'EV9'], input: twoCodes(0) },
  { ends: '0', args: ['token', 'lock', 'EV1', '--reason', 'a test'] },
  { ends: '0', args: ['token', 'show', 'EV1'] },
  { ends: '0', args: ['token', 'list', '--hold', 'adminLocked'] },
  { ends: '0', args: ['token', 'unlock', 'EV1'] },
  { ends: '0', args: ['token', 'unlock', 'EV1'] },
  { ends: '0', args: ['token', 'suspend', 'EV1'] },
  { ends: '0', args: ['token', 'resume', 'EV1'] },
  { ends: '0', args: ['token', 'lost', 'EV1'] },
  { ends: '0', args: ['token', 'found', 'EV1'] },
  { ends: '1 notAllowedNow', args: ['token', 'enable', 'EV1'] },
  { ends: '0', args: ['token', 'revoke', 'EV1'] },
  { ends: '1 revoked', args: ['token', 'revoke', 'EV1'] },
  { ends: '1 notFound', args: ['token', 'show', 'EV9'] },
  { ends: '2 usage', args: ['token', 'show', '/'] },
  {
    ends: '0',
    args: ['application', 'add', 'login page', '--scope', 'verify', '--scope', 'tokens:read'],
  },
  { ends: '2 usage', args: ['application', 'add', 'nothing', '--scope', 'everything'] },
  { ends: '0', args: ['application', 'list'] },
  { ends: '1 notFound', args: ['application', 'revoke', '0123456789abcdef'] },
  {
    ends: '0',
    args: ['application', 'add', 'plant', '--scope', 'verify', '--strength', 'mobileId'],
  },
  { ends: '2 usage', args: ['application', 'add', 'x', '--scope', 'verify', '--strength', 'any'] },
  { ends: '1 notFound', args: ['application', 'strength', '0123456789abcdef', 'mobileId'] },
  { ends: '2 usage', args: ['application', 'strength', '0123456789abcdef', 'fingerprint'] },
  { ends: '0', args: ['account', 'sessions', 'jennifer'] },
  { ends: '0', args: ['account', 'end-sessions', 'jennifer'] },
  { ends: '2 usage', args: ['account', 'end-sessions', 'a/b'] },
  { ends: '0', args: ['audit', 'list', '--limit', '500'] },
  { ends: '0', args: ['audit', 'list', '--serial', 'EV1', '--after', '3', '--limit', '2'] },
  { ends: '0', args: ['audit', 'verify'] },
  { ends: '0', args: ['lab', 'clock', '--advance', '30d'] },
  { ends: '0', args: ['lab', 'clock', '--freeze'] },
  { ends: '0', args: ['lab', 'clock'] },
  { ends: '2 usage', args: ['lab', 'clock', '--advance', '3 weeks'] },
  { ends: '1 invalidInput', args: ['lab', 'clock', '--advance', '99999d'] },
];

/** What differs from run to run: times, random ids, keys and hashes, places. */
const normal = (text: string, data: string): string =>
  text
    .replaceAll(data, 'DATA')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/fobd_[0-9a-f]{16}_[\w-]{43}/g, 'KEY')
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'HASH')
    .replaceAll(/\b(?!0123456789abcdef)[0-9a-f]{16}\b/g, 'ID')
    // Applications are listed by their ids, which are random.
    .split(/\n|(?=\{"id":"ID)|,(?=\{"id":"ID)|(?=\],"nextCursor)/)
    .sort()
    .join('\n');

async function play(data: string, flags: readonly string[]): Promise<Ran[]> {
  const results: Ran[] = [];
  for (const { args, input } of SCRIPT) {
    const argv = [...args, '--data', data, ...flags];
    const ran = await fobd(argv, { directory: path.dirname(data), input: input ?? '' });
    results.push({
      code: ran.code,
      stdout: normal(ran.stdout, data),
      stderr: normal(ran.stderr, data),
    });
  }
  return results;
}

describe('fobd commands', () => {
  let place: string;
  let remove: () => Promise<void>;

  before(async () => {
    ({ place, remove } = await temporaryDirectory());
    await writeFile(path.join(place, 'tokens.csv'), CSV);
    await writeFile(path.join(place, 'no-extension'), CSV.replaceAll('EV', 'XX'));
    await writeFile(path.join(place, 'bad.csv'), `${CSV}EV3,zz,SHA1,6,0\n`);
  });
  after(() => remove());

  let count = 0;
  const make = async (...args: string[]): Promise<string> => {
    count += 1;
    const data = path.join(place, `data-${count}`);
    const { code } = await fobd(['init', '--data', data, ...args]);
    expect(code).to.equal(0);
    return data;
  };

  for (const flags of [[], ['--json']]) {
    describe(flags[0] ?? 'for a person', () => {
      let data: string;
      let offline: Ran[];

      before(async () => {
        data = await make('--lab', '--lab-clock', '2026-01-01T00:00:00Z');
        offline = await play(data, flags);
      });

      it('end with 0, 1 and 2, and say why', () => {
        const ends = offline.map(({ code, stderr }) => {
          const reason = /\[(\w+)\]/.exec(stderr) ?? /^(\w+): /m.exec(stderr);
          return `${code} ${reason?.[1] ?? ''}`.trim();
        });
        SCRIPT.forEach((line, index) => {
          expect(ends[index], line.args.join(' ')).to.equal(line.ends);
        });
      });

      it('answer the same while fobd serves', async () => {
        const online = await make('--lab', '--lab-clock', '2026-01-01T00:00:00Z');
        const served = await serveInProcess(online, ['--log-level', 'silent']);
        const answers = await play(online, flags);
        expect((await served.stop()).code).to.equal(0);
        SCRIPT.forEach(({ args }, index) => {
          expect(answers[index], args.join(' ')).to.deep.equal(offline[index]);
        });
      });

      it('show no seed and no key but the new one', async () => {
        const shown = JSON.stringify(offline);
        expect(shown).not.to.contain(SEED_HEX);
        const masterKey = (await readFile(path.join(data, 'master.key'), 'utf8')).trim();
        expect(shown).not.to.contain(masterKey);
      });
    });
  }

  it('put exactly one JSON object on standard output with --json, or nothing', async () => {
    const data = await make();
    for (const [args, code] of [
      [['account', 'add', 'a'], 0],
      [['account', 'list'], 0],
      [['token', 'list'], 0],
      [['audit', 'verify'], 0],
      [['account', 'add', 'a'], 1],
      [['account', 'add'], 2],
    ] as const) {
      const ran = await fobd([...args, '--data', data, '--json']);
      expect(ran.code).to.equal(code);
      if (code === 0) expect(ran.stdout).to.match(/^\{.*\}\n$/);
      else expect(ran.stdout).to.equal('');
      expect(ran.stderr === '').to.equal(code === 0);
    }
  });

  it('two at once without a server both succeed, and so do six', async () => {
    const data = await make();
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const ran = await Promise.all(names.map((id) => fobd(['account', 'add', id, '--data', data])));
    expect(ran.map(({ code, stderr }) => `${code}${stderr}`)).to.deep.equal(Array(6).fill('0'));
    const { stdout } = await fobd(['account', 'list', '--data', data, '--json']);
    const { items } = JSON.parse(stdout) as { items: { id: string }[] };
    expect(items.map(({ id }) => id)).to.deep.equal(names);
    expect((await fobd(['audit', 'verify', '--data', data])).code).to.equal(0);
  });

  it('wait for a held lock, and in the end say that it is held', async () => {
    const data = await make();
    const holder = new Level(path.join(data, 'store'));
    await holder.open();
    const began = Date.now();
    const refused = await fobd(['account', 'list', '--data', data]);
    await holder.close();
    expect(Date.now() - began).to.be.at.least(5000);
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.contain('[dataDirectoryInUse]');
    expect((await fobd(['account', 'list', '--data', data])).code).to.equal(0);
  });

  it('as two processes at once without a server both succeed', async () => {
    const data = await make();
    const ran = await Promise.all(
      ['a', 'b'].map((id) => runFobdProcess(['account', 'add', id, '--data', data])),
    );
    expect(ran.map(({ code, stderr }) => `${code}${stderr}`)).to.deep.equal(['0', '0']);
  });

  it('find their data directory in the environment, or where XDG says', async () => {
    const home = path.join(place, 'share');
    await mkdir(home);
    const made = await runFobdProcess(['init', '--json'], { env: { XDG_DATA_HOME: home } });
    expect(JSON.parse(made.stdout)).to.have.property('data', path.join(home, 'fobd'));
    const environment = { FOBD_DATA: path.join(home, 'fobd') };
    expect((await fobd(['account', 'list'], { environment })).code).to.equal(0);
    const relative = await fobd(['account', 'list', '--data', 'fobd'], { directory: home });
    expect(relative.code).to.equal(0);
  });

  it('take PSKC by its ending and by its content', async () => {
    const data = await make();
    const pskc = `<?xml version="1.0"?>
<KeyContainer xmlns="urn:ietf:params:xml:ns:keyprov:pskc" Version="1.0"><KeyPackage>
<DeviceInfo><Manufacturer>Maker</Manufacturer><SerialNo>PX1</SerialNo></DeviceInfo>
<Key Id="PX1" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp"><AlgorithmParameters>
<ResponseFormat Length="6" Encoding="DECIMAL"/></AlgorithmParameters><Data>
<Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>
<Counter><PlainValue>0</PlainValue></Counter></Data></Key></KeyPackage></KeyContainer>`;
    for (const [name, serial] of [
      ['one.pskcxml', 'PX1'],
      ['two', 'PX2'],
      ['three.XML', 'PX3'],
    ] as const) {
      await writeFile(path.join(place, name), `\uFEFF${pskc.replaceAll('PX1', serial)}`);
      const argv = ['seed-file', 'import', name, '--data', data, '--json'];
      const { stdout, stderr } = await fobd(argv, { directory: place });
      expect(stderr).to.equal('');
      expect(JSON.parse(stdout)).to.deep.include({ imported: 1, skipped: 0 });
    }
  });

  it('read codes in pieces, with blanks and blank lines', async () => {
    const data = await make();
    await fobd(['account', 'add', 'jennifer', '--data', data]);
    await fobd(['seed-file', 'import', path.join(place, 'tokens.csv'), '--data', data]);
    const input = `\n  ${eventCode(0)}\r\n\n${eventCode(1)}`;
    const args = ['token', 'register', 'EV1', '--account', 'jennifer', '--data', data];
    expect((await fobd(args, { input })).code).to.equal(0);
  });

  it('take no code as an argument', async () => {
    const data = await make();
    for (const argv of [
      ['token', 'resync', 'EV1', '755224', '287082'],
      ['token', 'resync', 'EV1', '--code1', '755224'],
    ]) {
      const { code, stderr } = await fobd([...argv, '--data', data]);
      expect(code).to.equal(2);
      expect(stderr).to.contain('[usage]');
    }
  });
});
