import { request } from 'node:http';
import { connect } from 'node:net';
import { expect } from 'chai';
import { PNG } from 'pngjs';
import type { UnixMillis } from '../../../shared/types.ts';
import {
  ask,
  startTestControl,
  TEST_ACCESS,
  type TestControl,
} from '../../support/control-server.ts';
import { TEST_NOW } from '../../support/fob-env.ts';
import { inParallel } from '../../support/fob-program.ts';
import { keptDevice } from '../../support/kept-device.ts';

const C30 = 'v1/tokens/C30-00000001';
const E6 = 'v1/tokens/E6-00000001';
const P30 = 'v1/tokens/P30-00000001';

describe('the control interface over HTTP', () => {
  let control: TestControl;
  const devices = () => [
    keptDevice('C30-00000001', 'c30'),
    keptDevice('E6-00000001', 'e6'),
    keptDevice('P30-00000001', 'p30'),
  ];

  beforeEach(async () => {
    control = await startTestControl(devices(), { qa: true });
  });
  afterEach(async () => {
    await control.close();
    expect(control.failures).to.deep.equal([]);
  });

  it('lists the tokens', async () => {
    const { status, body } = await ask(control, 'GET', 'v1/tokens');
    expect(status).to.equal(200);
    expect(body.qa).to.equal(true);
    expect(body.items.map((token: { serial: string }) => token.serial)).to.deep.equal([
      'C30-00000001',
      'E6-00000001',
      'P30-00000001',
    ]);
    expect(JSON.stringify(body)).not.to.match(/seed|"pin"|entry/i);
  });

  it('presses: the codes of RFC 4226 appendix D', async () => {
    for (const code of ['755224', '287082', '359152']) {
      const { body } = await ask(control, 'POST', `${E6}/press`);
      expect([body.state, body.display, body.code]).to.deep.equal(['showing', code, code]);
    }
    const { body } = await ask(control, 'GET', E6);
    expect(body.display).to.equal('359152');
  });

  it('holds the button: the menu shows when it is let go', async () => {
    const { body } = await ask(control, 'POST', `${C30}/press`, { hold: '6s' });
    expect(body.state).to.equal('menu');
    expect(body.code).to.equal(null);
  });

  it('reads segments, and what is inside without the seed', async () => {
    await ask(control, 'POST', `${E6}/press`);
    const segments = (await ask(control, 'GET', `${E6}/segments`)).body;
    expect(segments.cells).to.deep.equal([0, 0x07, 0x6d, 0x6d, 0x5b, 0x5b, 0x66, 0]);
    const { body } = await ask(control, 'GET', `${E6}/state`);
    expect([body.counter, body.presses, body.locked]).to.deep.equal([1, 1, false]);
    expect(body).not.to.have.any.keys('seed', 'pin', 'entry');
  });

  it('enters a PIN, and has no pad on other models', async () => {
    const enter = (keys: string[]) => ask(control, 'POST', `${P30}/keys`, { keys });
    await ask(control, 'POST', `${P30}/press`);
    await enter(['1', '2', '3', '4', 'enter']);
    const { body } = await ask(control, 'GET', P30);
    expect(body.state).to.equal('showing');
    const refused = await ask(control, 'POST', `${E6}/keys`, { keys: ['1'] });
    expect([refused.status, refused.body.code]).to.deep.equal([409, 'notAllowedNow']);
  });

  it('injects, lists, clears and resets faults', async () => {
    const catalogue = (await ask(control, 'GET', 'v1/faults')).body.items;
    expect(catalogue.map((kind: { name: string }) => kind.name)).to.include('segmentStuckOn');
    const broken = await ask(control, 'PUT', `${E6}/faults/rotated`, { attributes: {} });
    expect(broken.body.faults.map((fault: { name: string }) => fault.name)).to.deep.equal([
      'rotated',
    ]);
    await ask(control, 'PUT', `${E6}/faults/err`);
    expect((await ask(control, 'POST', `${E6}/press`)).body.state).to.equal('err');
    const cleared = await ask(control, 'DELETE', `${E6}/faults/err`);
    expect(cleared.body.faults).to.have.length(1);
    expect((await ask(control, 'DELETE', `${E6}/faults`)).body.faults).to.deep.equal([]);
  });

  it('lets time pass for one token only, and goes back', async () => {
    const first = (await ask(control, 'POST', `${C30}/press`)).body;
    const later = (await ask(control, 'POST', `${C30}/advance`, { by: '90s' })).body;
    expect([later.aheadMillis, later.at, later.state]).to.deep.equal([
      90_000,
      new Date(TEST_NOW + 90_000).toISOString(),
      'asleep',
    ]);
    const again = (await ask(control, 'POST', `${C30}/press`)).body;
    expect(again.code).not.to.equal(first.code);
    expect((await ask(control, 'GET', E6)).body.aheadMillis).to.equal(0);
    expect((await ask(control, 'POST', `${C30}/now`)).body.at).to.equal(
      new Date(TEST_NOW).toISOString(),
    );
    expect((await ask(control, 'POST', `${C30}/press`)).body.code).to.equal(first.code);
  });

  it('goes on from where a simulated token has been led, in a later session', async () => {
    await ask(control, 'POST', `${C30}/advance`, { by: '30d' });
    const kept = await control.holder.list();
    const later = await startTestControl(kept, { qa: true });
    const plain = await startTestControl(kept);
    try {
      expect((await ask(later, 'GET', C30)).body.aheadMillis).to.equal(30 * 86_400_000);
      expect((await ask(plain, 'GET', C30)).body.aheadMillis).to.equal(0);
    } finally {
      await Promise.all([later.close(), plain.close()]);
    }
  });

  it('leaves the time of a live token to the computer', async () => {
    const [, kept] = devices();
    if (kept === undefined) throw new Error('there are three');
    const live = { ...kept, device: { ...kept.device, mode: 'live' as const } };
    const server = await startTestControl([live], { qa: true });
    try {
      const { status, body } = await ask(server, 'POST', `${E6}/advance`, { by: '1d' });
      expect([status, body.code]).to.deep.equal([409, 'notAllowedNow']);
      expect(body.nextStep).to.contain('clockOffset');
    } finally {
      await server.close();
    }
  });

  it('sets the temperature', async () => {
    const { body } = await ask(control, 'PUT', `${C30}/temperature`, { celsius: -10 });
    expect(body.celsius).to.equal(-10);
  });

  it('takes pictures', async () => {
    const png = await fetch(new URL(`${C30}/screenshot?scale=1`, control.address));
    expect(png.headers.get('content-type')).to.equal('image/png');
    const { width, height } = PNG.sync.read(Buffer.from(await png.arrayBuffer()));
    expect([width, height]).to.deep.equal([960, 320]);
    const svg = await ask(control, 'GET', `${C30}/screenshot?format=svg&part=back`);
    expect(svg.body).to.match(/^<svg/).and.to.contain('C30-00000001');
    const display = await ask(control, 'GET', `${C30}/screenshot?format=svg&part=display`);
    expect(display.body).to.match(/^<svg/);
  });

  it('tampers with nothing unless in QA mode', async () => {
    const plain = await startTestControl(devices());
    try {
      const orders = [
        ['PUT', `${E6}/faults/err`, {}],
        ['DELETE', `${E6}/faults/err`],
        ['DELETE', `${E6}/faults`],
        ['POST', `${E6}/advance`, { by: '1d' }],
        ['POST', `${E6}/now`],
        ['PUT', `${E6}/temperature`, { celsius: 5 }],
      ] as const;
      for (const [method, path, body] of orders) {
        const { status } = await ask(plain, method, path, body);
        expect(status, `${method} ${path}`).to.equal(403);
      }
      expect((await ask(plain, 'POST', `${E6}/press`)).body.code).to.equal('755224');
      expect((await plain.holder.list())[1]?.device.faults).to.deep.equal([]);
    } finally {
      await plain.close();
    }
  });

  const REFUSED: readonly (readonly [string, string, string, unknown, number, string, string?])[] =
    [
      ['an unknown token', 'GET', 'v1/tokens/NO-1', undefined, 404, 'deviceNotFound'],
      ['what is no serial', 'GET', 'v1/tokens/%00', undefined, 422, 'invalidInput', '/serial'],
      ['an unknown path', 'GET', 'v1/nothing', undefined, 404, 'notFound'],
      ['another method', 'DELETE', 'v1/tokens', undefined, 405, 'methodNotAllowed'],
      ['a list as body', 'POST', `${E6}/press`, [1], 400, 'malformedBody'],
      ['an unknown field', 'POST', `${E6}/press`, { held: '1s' }, 422, 'invalidInput', '/held'],
      ['a bare number as span', 'POST', `${E6}/press`, { hold: 5 }, 422, 'invalidInput', '/hold'],
      ['a negative span', 'POST', `${E6}/press`, { hold: '-1s' }, 422, 'invalidInput', '/hold'],
      ['a hold of a day', 'POST', `${E6}/press`, { hold: '1d' }, 422, 'invalidInput', '/hold'],
      ['no span', 'POST', `${C30}/advance`, {}, 422, 'invalidInput', '/by'],
      ['a century', 'POST', `${C30}/advance`, { by: '36525d' }, 422, 'invalidInput', '/by'],
      ['an unknown fault', 'PUT', `${E6}/faults/nonsense`, {}, 422, 'invalidInput', '/name'],
      ['a fault not there', 'DELETE', `${E6}/faults/err`, undefined, 422, 'invalidInput', 'name'],
      [
        'a probability of nought',
        'PUT',
        `${E6}/faults/err`,
        { probability: 0 },
        422,
        'invalidInput',
        '/probability',
      ],
      [
        'an attribute out of bounds',
        'PUT',
        `${E6}/faults/garbled`,
        { attributes: { share: 2 } },
        422,
        'invalidInput',
        'attributes/share',
      ],
      [
        'infinite cold',
        'PUT',
        `${E6}/temperature`,
        { celsius: -1e9 },
        422,
        'invalidInput',
        '/celsius',
      ],
      ['no number', 'PUT', `${E6}/temperature`, { celsius: null }, 422, 'invalidInput', '/celsius'],
      [
        'a key that is none',
        'POST',
        `${P30}/keys`,
        { keys: ['#'] },
        422,
        'invalidInput',
        '/keys/0',
      ],
      [
        'a picture too large',
        'GET',
        `${E6}/screenshot?scale=90`,
        undefined,
        422,
        'invalidInput',
        '/scale',
      ],
    ];
  for (const [what, method, path, body, status, code, field] of REFUSED) {
    it(`refuses ${what}`, async () => {
      const before = await control.holder.list();
      const reply = await ask(control, method, path, body);
      expect([reply.status, reply.body.code]).to.deep.equal([status, code]);
      expect(reply.headers.get('content-type')).to.equal('application/problem+json');
      if (field !== undefined) expect(reply.body.errors[0].field).to.equal(field);
      expect(await control.holder.list()).to.deep.equal(before);
    });
  }

  it('refuses bodies that are long, of another type, or no JSON', async () => {
    const url = new URL(`${E6}/press`, control.address);
    const send = async (body: string, type: string) => {
      const reply = await fetch(url, { method: 'POST', body, headers: { 'Content-Type': type } });
      return [reply.status, ((await reply.json()) as { code: string }).code];
    };
    expect(await send('{"hold":"1s"}', 'text/plain')).to.deep.equal([415, 'unsupportedMediaType']);
    expect(await send('{"hold":', 'application/json')).to.deep.equal([400, 'malformedBody']);
    expect(await send(`"${'x'.repeat(20_000)}"`, 'application/json')).to.deep.equal([
      413,
      'bodyTooLarge',
    ]);
    expect((await control.holder.list())[1]?.device.state.presses).to.equal(0);
  });

  it('tells a client that floods it with presses, and counts each press it did', async () => {
    const presses = Array.from({ length: 160 }, () => `${E6}/press`);
    const replies = await inParallel(presses, 10, (path) => ask(control, 'POST', path));
    const done = replies.filter(({ status }) => status === 200);
    const refused = replies.filter(({ status }) => status === 429);
    expect(done.length + refused.length).to.equal(160);
    expect(refused.length).to.be.at.least(60);
    expect(refused[0]?.body.code).to.equal('tooManyRequests');
    expect(refused[0]?.headers.get('retry-after')).to.equal('1');
    const state = (await ask(control, 'GET', `${E6}/state`)).body;
    expect([state.presses, state.counter]).to.deep.equal([done.length, done.length]);
    control.set((TEST_NOW + 1000) as UnixMillis);
    expect((await ask(control, 'POST', `${E6}/press`)).status).to.equal(200);
  });

  it('says the same to strangers whatever they ask', async () => {
    const { port } = control;
    const get = (path: string, headers: Record<string, string> = {}) =>
      new Promise<string>((resolve, reject) => {
        const sent = request({ host: '127.0.0.1', port, path, headers }, (reply) => {
          let text = '';
          reply.on('data', (chunk) => {
            text += chunk;
          });
          reply.on('end', () => resolve(`${reply.statusCode} ${text}`));
        });
        sent.on('error', reject);
        sent.end();
      });
    const right = `/${TEST_ACCESS}/${E6}`;
    expect(await get(right)).to.match(/^200 /);
    for (const [path, headers] of [
      [`/${E6}`, {}],
      ['/', {}],
      [`/${TEST_ACCESS}x/${E6}`, {}],
      [right, { Host: 'evil.example' }],
      [right, { Origin: 'http://evil.example' }],
    ] as const) {
      expect(await get(path, headers)).to.equal('404 Not found\n');
    }
  });

  it('sends headers that keep other origins out', async () => {
    const { headers } = await ask(control, 'GET', 'v1/tokens');
    expect(headers.get('access-control-allow-origin')).to.equal(null);
    expect(headers.get('content-security-policy')).to.contain("default-src 'none'");
    expect(headers.get('content-security-policy')).not.to.contain('unsafe');
    expect(headers.get('referrer-policy')).to.equal('no-referrer');
    expect(headers.get('cache-control')).to.equal('no-store');
    expect(headers.get('x-content-type-options')).to.equal('nosniff');
  });

  it('ends with connections open', async () => {
    const socket = connect(control.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    const second = await startTestControl(devices());
    await second.close();
    await control.close();
    await closed;
    control = await startTestControl(devices(), { qa: true });
  });
});
