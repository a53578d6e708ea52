import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { runFobdProcess, temporaryDirectory } from '../../support/fobd-process.ts';
import { PASSWORD, type Served, serveCompat, USER } from '../radius/serving.ts';

describe('fobd serve --compat', function () {
  this.timeout(60_000);

  describe('with a file', () => {
    let served: Served;
    before(async () => {
      served = await serveCompat({ addresses: ['127.0.0.1'], mode: 'appended' });
    });
    after(() => served.stop());

    it('lets somebody in with password and code, once', async () => {
      const form = String(new URLSearchParams({ user: USER, pass: PASSWORD + served.press() }));
      const request = [
        'POST /validate/check HTTP/1.1',
        'Host: localhost',
        'User-Agent: curl/7.88.1',
        'Accept: */*',
        `Content-Length: ${form.length}`,
        'Content-Type: application/x-www-form-urlencoded',
        'Connection: close',
        '',
        form,
      ].join('\r\n');
      const good = await send(served.address, request);
      expect(good).to.match(/^HTTP\/1\.1 200 /);
      expect(good).to.include('"status":true,"value":true');
      const again = await send(served.address, request);
      expect(again).to.match(/^HTTP\/1\.1 200 /);
      expect(again).to.include('"status":true,"value":false').and.include('wrong otp value');
      const verified = await served.audit('verify');
      expect(verified.map(({ outcome }) => outcome)).to.deep.equal(['accepted', 'replayed']);
      expect(JSON.stringify(verified)).not.to.include(PASSWORD);
    });
  });

  describe('with a bad file', () => {
    let place: string;
    let remove: () => Promise<void>;
    before(async () => {
      ({ place, remove } = await temporaryDirectory());
      await runFobdProcess(['init', '--data', path.join(place, 'data')]);
    });
    after(() => remove());

    const serve = async (content: string) => {
      const file = path.join(place, 'compat.json');
      await writeFile(file, content);
      const data = path.join(place, 'data');
      return runFobdProcess(['serve', '--data', data, '--port', '0', '--compat', file]);
    };

    for (const [what, content, field] of [
      ['an unknown mode', '{"addresses": ["10.1.2.3"], "mode": "pin"}', 'mode'],
      ['no address that is one', '{"addresses": ["10.1.2"], "mode": "appended"}', 'addresses'],
      ['nobody who may ask', '{"mode": "appended"}', 'addresses'],
      ['a code alone by chance', '{"addresses": ["10.1.2.3"], "mode": "code"}', 'codeAlone'],
      ['a field too many', '{"addresses": ["10.1.2.3"], "mode": "appended", "pin": 1}', 'pin'],
    ] as const) {
      it(`is refused: ${what}`, async () => {
        const { code, stdout, stderr } = await serve(content);
        expect(code).to.equal(2);
        expect(stdout).to.equal('');
        expect(stderr).to.include('--compat').and.include('compat.json').and.include(field);
        expect(stderr).not.to.include('    at ');
      });
    }

    it('is refused: no JSON', async () => {
      const { code, stderr } = await serve('addresses: []');
      expect(code).to.equal(2);
      expect(stderr).to.include('--compat').and.include('JSON');
    });
  });
});

/** As it stands, and all that comes back. */
async function send(address: string, request: string): Promise<string> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(request);
  return text(socket);
}
