import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { createEdgeOptions } from '../../../server/edge-settings.ts';
import type { RadiusOptions } from '../../../server/radius/options.ts';
import type { SignInFacts } from '../../../server/radius/port.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { AccountId, Serial } from '../../../shared/types.ts';

const SECRET = 'a secret of sixteen';
const CLIENT = { name: 'vpn', addresses: ['10.0.0.7'], secret: SECRET, mode: 'challenge' };
const PROXY = { host: '10.0.0.9', secret: SECRET };
const FACTS: SignInFacts = {
  account: 'jennifer' as AccountId,
  strength: 'hardwareToken',
  serial: 'FT1' as Serial,
};

describe('the RADIUS file', () => {
  let place: string;
  before(async () => {
    place = await mkdtemp(path.join(tmpdir(), 'fobtwin-radius-'));
  });
  after(() => rm(place, { recursive: true, force: true }));

  const read = async (value: unknown): Promise<RadiusOptions> => {
    await writeFile(path.join(place, 'radius.json'), JSON.stringify(value));
    const settings = { radius: 'radius.json' };
    const none = { publicUrl: undefined, directory: undefined, compat: undefined };
    const { radius } = createEdgeOptions({ ...none, forwardAuth: undefined, ...settings }, place);
    if (radius === undefined) throw new Error('nothing was read');
    return radius;
  };
  const refusal = async (value: unknown): Promise<string> => {
    try {
      await read(value);
    } catch (error) {
      if (error instanceof FobtwinError && error.code === 'usage') {
        expect(error.nextStep).to.be.a('string');
        return error.message;
      }
      throw error;
    }
    throw new Error('it was not refused');
  };

  it('has defaults for everything but who asks and how people sign in', async () => {
    const { clients, listen, secretPlaces } = await read({ clients: [CLIENT] });
    expect(listen).to.deep.equal([{ host: '127.0.0.1', port: 1812 }]);
    const [client] = clients;
    expect(client?.requireMessageAuthenticator).to.equal(true);
    expect(Buffer.from(client?.secret ?? []).toString()).to.equal(SECRET);
    expect(client?.policy).to.deep.equal({
      mode: 'challenge',
      groups: [],
      replies: [],
      wrongCodesPerMinute: 30,
    });
    expect(secretPlaces).to.deep.equal([path.join(place, 'radius.json')]);
  });

  it('reads secrets from files beside it, less one final newline', async () => {
    await writeFile(path.join(place, 'vpn.secret'), 'a secret of its own\n');
    const { secret, ...rest } = CLIENT;
    const options = await read({ clients: [{ ...rest, secretFile: 'vpn.secret' }] });
    expect(Buffer.from(options.clients[0]?.secret ?? []).toString()).to.equal(
      'a secret of its own',
    );
    expect(options.secretPlaces).to.deep.equal([path.join(place, 'vpn.secret')]);
  });

  it('gives a group what it does not say itself', async () => {
    const until = '2027-01-01T00:00:00Z';
    const { clients } = await read({
      clients: [
        {
          ...CLIENT,
          requiredStrength: 'hardwareToken',
          passwordOnlyUntil: until,
          groups: [
            { name: 'admins', role: 'organisationAdmin', mode: 'appended' },
            { name: 'acme', organisation: 'Acme', proxyTo: PROXY, nextCode: true },
            { name: 'desk', organisation: 'Desk', mode: 'code', codeAlone: true },
          ],
        },
      ],
    });
    const [admins, acme] = clients[0]?.policy.groups ?? [];
    expect(admins).to.deep.equal({
      name: 'admins',
      role: 'organisationAdmin',
      mode: 'appended',
      requiredStrength: 'hardwareToken',
      passwordOnlyUntil: Date.parse(until),
    });
    expect(acme).to.not.have.property('passwordOnlyUntil');
    expect(acme).to.deep.include({ mode: 'challenge', nextCode: true });
    expect(acme?.proxyTo).to.deep.include({ port: 1812, timeoutMillis: 3000, retries: 2 });
  });

  it('lays reply attributes out as the RFCs say', async () => {
    const filled = async (...replies: object[]) => {
      const { clients } = await read({ clients: [{ ...CLIENT, replies }] });
      const templates = clients[0]?.policy.replies ?? [];
      return templates.map((template) => {
        const { type, value } = template.fill(FACTS);
        return `${type}:${Buffer.from(value).toString('hex')}`;
      });
    };
    const text = (type: number, words: string) => `${type}:${Buffer.from(words).toString('hex')}`;
    expect(
      await filled(
        { attribute: 'Class', value: '{account}/{strength}/{serial}' },
        { attribute: 'Filter-Id', value: 'größe' },
        { attribute: 'Reply-Message', value: 'Welcome' },
        { attribute: 'Session-Timeout', value: 3600 },
        { attribute: 'Idle-Timeout', value: 0xffff_ffff },
        { attribute: 'Service-Type', value: 'Framed-User' },
        { attribute: 'Framed-IP-Address', value: '10.1.2.3' },
        { attribute: 'Tunnel-Type', value: 'VLAN', tag: 3 },
        { attribute: 'Tunnel-Medium-Type', value: 6 },
        { attribute: 'Tunnel-Private-Group-ID', value: '42', tag: 3 },
        { attribute: 'Vendor-Specific', value: { vendor: 9, type: 1, value: 'a={serial}' } },
        { attribute: 'Vendor-Specific', value: { vendor: 311, type: 7, value: 4 } },
      ),
    ).to.deep.equal([
      text(25, 'jennifer/hardwareToken/FT1'),
      text(11, 'größe'),
      text(18, 'Welcome'),
      '27:00000e10',
      '28:ffffffff',
      '6:00000002',
      '8:0a010203',
      '64:0300000d',
      '65:00000006',
      '81:033432',
      '26:000000090107613d465431',
      '26:00000137070600000004',
    ]);
  });

  const withClient = (change: object) => ({ clients: [{ ...CLIENT, ...change }] });
  const withReply = (...replies: object[]) => withClient({ replies });
  const bad: readonly (readonly [string, unknown, RegExp])[] = [
    ['no object', [], /expected object/],
    ['no clients', {}, /at clients/],
    ['an empty list', { clients: [] }, /is empty[\s\S]*at clients/],
    ['an unknown field', { clients: [CLIENT], client: 1 }, /"client"/],
    ['an unknown field of a client', withClient({ adresses: [] }), /"adresses"[\s\S]*clients\[0\]/],
    ['no mode', { clients: [{ ...CLIENT, mode: undefined }] }, /clients\[0\]\.mode/],
    ['another mode', withClient({ mode: 'push' }), /is one of code, challenge, appended/],
    ['a code alone, unsaid', withClient({ mode: 'code' }), /codeAlone/],
    ['codeAlone false', withClient({ mode: 'code', codeAlone: false }), /clients\[0\]\.codeAlone/],
    ['no secret', withClient({ secret: undefined }), /or secretFile has to be there/],
    ['two secrets', withClient({ secretFile: 'x' }), /and not both/],
    [
      'a short secret',
      withClient({ secret: '1234567' }),
      /shorter than 8[\s\S]*clients\[0\]\.secret/,
    ],
    ['a long secret', withClient({ secret: 'x'.repeat(257) }), /is too long/],
    ['a bad name', withClient({ name: 'a b' }), /clients\[0\]\.name/],
    ['a name twice', { clients: [CLIENT, CLIENT] }, /stands there twice[\s\S]*clients\[1\]\.name/],
    ['no addresses', withClient({ addresses: [] }), /clients\[0\]\.addresses/],
    ['a bad address', withClient({ addresses: ['10.0.0.1', 'vpn'] }), /addresses\[1\]/],
    ['a bad strength', withClient({ requiredStrength: 'sms' }), /requiredStrength/],
    ['a bad time', withClient({ passwordOnlyUntil: '2027-02-30T00:00:00Z' }), /passwordOnlyUntil/],
    ['a bad limit', withClient({ wrongCodesPerMinute: 0 }), /wrongCodesPerMinute/],
    [
      'a roll-out where no password is asked for',
      withClient({ mode: 'code', codeAlone: true, passwordOnlyUntil: '2027-01-01T00:00:00Z' }),
      /makes no sense/,
    ],
    [
      'a roll-out and a proxy',
      withClient({ passwordOnlyUntil: '2027-01-01T00:00:00Z', proxyTo: PROXY }),
      /exclude each other/,
    ],
    ['a proxy by name', withClient({ proxyTo: { ...PROXY, host: 'old' } }), /proxyTo\.host/],
    ['a proxy without secret', withClient({ proxyTo: { host: '::1' } }), /proxyTo\.secret/],
    [
      'a proxy that is waited for too long',
      withClient({ proxyTo: { ...PROXY, timeoutMillis: 10_000, retries: 3 } }),
      /proxyTo\.retries/,
    ],
    ['a group of nobody', withClient({ groups: [{ name: 'x' }] }), /who is of the group/],
    [
      'a group twice',
      withClient({ groups: ['x', 'x'].map((name) => ({ name, role: 'user' })) }),
      /groups\[1\]\.name/,
    ],
    [
      'a group with a code alone, unsaid',
      withClient({ groups: [{ name: 'x', role: 'user', mode: 'code' }] }),
      /groups\[0\]\.codeAlone/,
    ],
    ['an unknown attribute', withReply({ attribute: 'Frame', value: 'x' }), /Filter-Id/],
    ['an unknown place', withReply({ attribute: 'Class', value: '{user}' }), /\{user\} is none of/],
    ['a place of Object', withReply({ attribute: 'Class', value: '{constructor}' }), /is none of/],
    [
      'a name of Object',
      withReply({ attribute: 'Tunnel-Type', value: 'constructor' }),
      /is a whole number or VLAN/,
    ],
    [
      'a text for a number',
      withReply({ attribute: 'Session-Timeout', value: 'x' }),
      /whole number/,
    ],
    [
      'a number too great for a tag',
      withReply({ attribute: 'Tunnel-Type', value: 0x100_0000 }),
      /greater than 16777215/,
    ],
    ['no address', withReply({ attribute: 'Framed-IP-Address', value: '10.1' }), /IPv4 address/],
    ['a tag too many', withReply({ attribute: 'Class', value: 'x', tag: 1 }), /has no tag/],
    [
      'what may not fit once it is filled',
      withReply({ attribute: 'Class', value: '{account}{account}' }),
      /can have 256 bytes, and 253 fit[\s\S]*replies\[0\]\.value/,
    ],
    [
      'more than a packet holds',
      withReply(...Array(16).fill({ attribute: 'Class', value: 'x'.repeat(253) })),
      /can have 4080 bytes/,
    ],
    [
      'a group that is none',
      withReply({ attribute: 'Class', value: 'x', groups: ['y'] }),
      /replies\[0\]\.groups/,
    ],
    [
      'a bad vendor',
      withReply({ attribute: 'Vendor-Specific', value: 'x' }),
      /replies\[0\]\.value/,
    ],
    ['an impossible port', { clients: [CLIENT], listen: [{ port: 70_000 }] }, /listen\[0\]\.port/],
  ];
  for (const [what, value, pattern] of bad) {
    it(`is refused with ${what}, and says where`, async () => {
      const message = await refusal(value);
      expect(message).to.match(pattern).and.include('--radius').and.include('radius.json');
      expect(message).not.to.include(SECRET);
    });
  }

  it('is refused with a secret file that is missing, short or not text', async () => {
    const { secret, ...rest } = CLIENT;
    const file = { clients: [{ ...rest, secretFile: 'other.secret' }] };
    expect(await refusal(file)).to.match(/other\.secret cannot be read/);
    await writeFile(path.join(place, 'other.secret'), 'short\n');
    expect(await refusal(file)).to.match(/other\.secret is shorter than 8/);
    await writeFile(path.join(place, 'other.secret'), Buffer.alloc(32, 0xff));
    expect(await refusal(file)).to.match(/cannot be read as UTF-8/);
  });
});
