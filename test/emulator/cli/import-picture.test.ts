import fs from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import encodeQR from 'qr';
import { fob, fobJson, temporaryDirectory } from '../../support/fob-env.ts';

const SEED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const ADDRESS = `otpauth://totp/Example%20Bank:T-1?secret=${SEED}&issuer=Example%20Bank`;

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;
}

interface Look {
  /** Pixels a module. */
  readonly scale?: number;
  /** Blank modules around the code. */
  readonly border?: number;
  /** Red, green, blue and opacity. */
  readonly ink?: readonly number[];
  readonly paper?: readonly number[];
}

const BLACK = [0, 0, 0, 255];
const WHITE = [255, 255, 255, 255];

/** Codes side by side. */
function picture(texts: readonly string[], look: Look = {}): Pixels {
  const { scale = 4, border = 4, ink = BLACK, paper = WHITE } = look;
  const codes = texts.map((text) => encodeQR(text, 'raw', { border, version: 10 }));
  const side = (codes[0]?.length ?? 0) * scale;
  const width = side * codes.length;
  const data = Buffer.alloc(width * side * 4);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const row = codes[Math.floor(x / side)]?.[Math.floor(y / scale)];
      const colour = row?.[Math.floor((x % side) / scale)] === true ? ink : paper;
      data.set(colour, 4 * (y * width + x));
    }
  }
  return { width, height: side, data };
}

/** White on the right of it. */
function widened({ width, height, data }: Pixels, wanted: number): Pixels {
  const wider = Buffer.alloc(wanted * height * 4, 255);
  for (let y = 0; y < height; y += 1) {
    data.copy(wider, y * wanted * 4, y * width * 4, (y + 1) * width * 4);
  }
  return { width: wanted, height, data: wider };
}

function png({ width, height, data }: Pixels): Buffer {
  const image = new PNG({ width, height });
  data.copy(image.data);
  return PNG.sync.write(image);
}

describe('fob import, of a picture', function () {
  this.timeout(60_000);
  let home: ReturnType<typeof temporaryDirectory>;
  let variables: Record<string, string>;

  beforeEach(() => {
    home = temporaryDirectory();
    variables = { FOB_DRAWER: path.join(home.path, 'drawer') };
  });
  afterEach(() => home.remove());

  const stdin = (bytes: Uint8Array | string) => new PassThrough().end(bytes);
  const from = (bytes: Uint8Array | string, ...options: string[]) =>
    fob(['import', '-', ...options], { variables, stdin: stdin(bytes) });
  const serials = async () => {
    const { tokens } = await fobJson<{ tokens: { serial: string }[] }>(['list'], { variables });
    return tokens.map(({ serial }) => serial);
  };

  const LOOKS: Readonly<Record<string, () => Buffer>> = {
    'a PNG': () => png(picture([ADDRESS])),
    'a PNG of one pixel a module, hardly with a border': () =>
      png(picture([ADDRESS], { scale: 1, border: 1 })),
    'a PNG of a large screen': () => png(picture([ADDRESS], { scale: 20 })),
    'a PNG larger than the reader takes': () =>
      png(widened(picture([ADDRESS], { scale: 8 }), 5000)),
    'a transparent PNG': () => png(picture([ADDRESS], { paper: [0, 0, 0, 0] })),
    'a PNG of a dark page': () => png(picture([ADDRESS], { ink: WHITE, paper: [16, 18, 22, 255] })),
    'a JPEG': () => jpeg.encode(picture([ADDRESS]), 80).data,
  };
  for (const [what, make] of Object.entries(LOOKS)) {
    it(`makes a token of ${what}`, async () => {
      const { exitCode, stderr, stdout } = await from(make());
      expect({ exitCode, stderr }).to.deep.equal({ exitCode: 0, stderr: '' });
      expect(stdout).to.contain('Imported T-1 (time, 30 s, 6 digits, SHA1)');
      const press = ['press', 'T-1', '--at', '1970-01-01T00:00:59Z'];
      // RFC 6238 appendix B, the last six of the eight digits.
      expect(await fobJson(press, { variables })).to.include({ code: '287082' });
    });
  }

  it('reads a picture from a file as from standard input', async () => {
    const file = path.join(home.path, 'screen.png');
    fs.writeFileSync(file, png(picture([ADDRESS])));
    expect((await fob(['import', file], { variables })).exitCode).to.equal(0);
    expect(await serials()).to.deep.equal(['T-1']);
  });

  it('makes a token of each code in the picture', async () => {
    const codes = ['A-1', 'B-2'].map((serial) => `otpauth://totp/${serial}?secret=${SEED}`);
    const { stderr } = await from(png(picture(codes, { border: 8 })));
    expect(stderr).to.equal('');
    expect(await serials()).to.have.members(['A-1', 'B-2']);
  });

  const refusals: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
    [
      'without a code',
      () => png({ ...picture([ADDRESS]), data: Buffer.alloc(65 * 65 * 64, 255) }),
      /No QR code was found/,
    ],
    ['with another code', () => png(picture(['https://example.com/private'])), /no otpauth/],
    [
      'with an export of Google Authenticator',
      () => png(picture(['otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8'])),
      /otpauth-migration:\/\/ address is a whole export/,
    ],
    ['that is cut off', () => png(picture([ADDRESS])).subarray(0, 400), /PNG picture is damaged/],
    ['cut off in its header', () => png(picture([ADDRESS])).subarray(0, 20), /damaged/],
    [
      'that is a damaged JPEG',
      () => jpeg.encode(picture([ADDRESS]), 80).data.subarray(0, 300),
      /JPEG picture is damaged/,
    ],
    ['in another format', () => Buffer.from('GIF89a and so on'), /PNG or JPEG, not GIF/],
    ['that says it is larger than any', () => withSize(png(picture([ADDRESS])), 60_000), /at most/],
    [
      'of too many bytes',
      () => Buffer.concat([png(picture([ADDRESS])), Buffer.alloc(21 << 20)]),
      /at most 20 MiB/,
    ],
    [
      'that is hardly there',
      () => png({ width: 1, height: 9000, data: Buffer.alloc(36_000) }),
      /No QR/,
    ],
    ['that is interlaced', () => interlaced(png(picture([ADDRESS]))), /interlaced/],
  ];
  for (const [what, make, says] of refusals) {
    it(`refuses a picture ${what}`, async () => {
      const { exitCode, stdout, stderr } = await from(make());
      expect(stderr).to.match(says);
      expect(stderr.split('\n'), 'a sentence and a next step').to.have.length(3);
      expect(stderr).not.to.contain(SEED).and.not.contain('private');
      expect({ exitCode, stdout }).to.deep.equal({ exitCode: 1, stdout: '' });
      expect(await serials()).to.deep.equal([]);
    });
  }

  it('refuses the text of an export of Google Authenticator, not repeating it', async () => {
    const { exitCode, stderr } = await from('\n otpauth-migration://offline?data=CjEKCkhlbGxv\n');
    expect(exitCode).to.equal(1);
    expect(stderr).to.contain('whole export of Google Authenticator').and.not.contain('CjEK');
  });

  it('lets the person call a token as they like', async () => {
    const address = `otpauth://totp/Example:alice@example.com?secret=${SEED}`;
    const refused = await from(png(picture([address])));
    expect(refused.exitCode).to.equal(1);
    expect(refused.stderr).to.contain('fob import FILE --serial SERIAL');
    expect((await from(png(picture([address])), '--serial', 'vpn-1')).stderr).to.equal('');
    const back = await fobJson(['show', 'VPN-1', '--back'], { variables });
    expect(back).to.include({ serial: 'VPN-1', issuer: 'Example' });
    const encoded = `otpauth://totp/Big%20Bank%3Abob%40example.com?secret=${SEED}`;
    expect((await from(encoded, '--serial', 'VPN-2')).exitCode).to.equal(0);
    expect(await fobJson(['show', 'VPN-2', '--back'], { variables })).to.include({
      issuer: 'Big Bank',
    });
  });

  it('gives one serial to one token only', async () => {
    const two = `otpauth://totp/A?secret=${SEED}\notpauth://totp/B?secret=${SEED}\n`;
    for (const text of [two, 'serial,seed\nA,00\n', `${'x'.repeat(9000)}`]) {
      const { exitCode, stderr } = await from(text, '--serial', 'C');
      expect(exitCode).to.equal(2);
      expect(stderr).to.contain('one otpauth address');
    }
    expect(await serials()).to.deep.equal([]);
  });
});

/** The header alone says so; its checksum is not looked at before its size is. */
function withSize(bytes: Buffer, side: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt32BE(side, 16);
  changed.writeUInt32BE(side, 20);
  return changed;
}

function interlaced(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  changed[28] = 1;
  return changed;
}
