import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { createClientLookup } from '../../../server/radius/client-lookup.ts';
import { createIntake } from '../../../server/radius/intake.ts';
import { parseListenOptions } from '../../../server/radius/listen-options.ts';
import {
  createRadsecServer,
  type RadsecServer,
  readRadsecFiles,
} from '../../../server/radius/radsec.ts';
import { makeAuthority } from '../../support/certificate-authority.ts';
import { peerOrSkip } from '../../support/debian.ts';

describe('radius: RadSec, handshakes that do not come to an end', () => {
  let directory: string;
  let server: RadsecServer;
  const refused: object[] = [];

  before(async function () {
    directory = await mkdtemp(path.join(tmpdir(), 'fobtwin-radsec-slow-'));
    await peerOrSkip(this, 'openssl');
    const { caFile, issue } = await makeAuthority(directory);
    const files = await issue('radius.example.com', ['radius.example.com']);
    const { limits, radsec } = parseListenOptions({ radsec: { port: 0, caFile, ...files } });
    if (radsec === undefined) throw new Error('there is no RadSec');
    const log = (_level: string, _message: string, details: object) => void refused.push(details);
    const intake = createIntake({
      limits,
      answer: async () => undefined,
      elapsedMillis: () => performance.now(),
      log,
      observe: () => undefined,
    });
    server = createRadsecServer({
      options: radsec,
      ...(await readRadsecFiles(radsec, Date.now())),
      lookup: createClientLookup([]),
      intake,
      log,
      handshakeMillis: 100,
    });
    await server.listen();
  });
  after(async () => {
    await server?.close();
    await rm(directory, { recursive: true, force: true });
  });

  for (const [what, bytes] of [
    ['says nothing', []],
    ['begins and says no more', [0x16, 0x03, 0x01, 0x02]],
  ] as const) {
    it(`closes a connection that ${what}`, async () => {
      const socket: Socket = connect(server.port(), '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      if (bytes.length > 0) socket.write(Uint8Array.from(bytes));
      socket.resume();
      await once(socket, 'close');
      expect(refused).to.deep.include({ reason: 'TLS handshake timeout' });
    });
  }
});
