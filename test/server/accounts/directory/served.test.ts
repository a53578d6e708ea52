import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { type Fobd, initFobd, openFobd } from '../../../../server/compose.ts';
import { readConfig } from '../../../../server/config.ts';
import type { RadiusListener } from '../../../../server/radius/server.ts';
import type { UnixMillis } from '../../../../shared/types.ts';
import { peerCodec } from '../../radius/peer-codec.ts';
import { PASSWORD, type People, peopleOrSkip, SERVICE, WINDOWS } from './people.ts';

const SECRET = 'a secret of this client';

describe('fobd with a directory', () => {
  let people: People;
  let fobd: Fobd;
  let port: number;
  before(async function () {
    people = await peopleOrSkip(this);
    const place = (name: string) => path.join(people.directory, name);
    const directory = {
      kind: 'activeDirectory',
      urls: [`ldaps://127.0.0.1:${people.slapd.ldapsPort}`],
      caFile: people.tls.certificateFile,
      bindDn: SERVICE.dn,
      bindPasswordFile: 'service.password',
      baseDn: WINDOWS,
      domain: 'CORP',
    };
    // Nobody has a token yet: until the end of a roll-out the password alone will do.
    const client = {
      ...{ name: 'vpn', addresses: ['127.0.0.1'], secret: SECRET },
      ...{ mode: 'challenge', passwordOnlyUntil: '2099-01-01T00:00:00Z' },
    };
    const radius = { listen: [{ host: '127.0.0.1', port: 0 }], clients: [client] };
    await writeFile(place('directory.json'), JSON.stringify(directory));
    await writeFile(place('radius.json'), JSON.stringify(radius));
    const flags = { data: 'data', directory: 'directory.json', radius: 'radius.json' };
    const config = readConfig(flags, {}, { directory: people.directory });
    const edge = {
      clock: { now: () => Date.now() as UnixMillis },
      rng: { bytes: (length: number) => randomBytes(length), uniform: Math.random },
      log: { error: () => undefined },
    };
    await initFobd(config, { lab: false }, edge);
    fobd = await openFobd(config, edge);
    for (const listener of fobd.listeners) await listener.listen();
    const [radiusListener] = fobd.listeners as readonly RadiusListener[];
    port = radiusListener?.port() ?? 0;
  });
  after(async () => {
    await Promise.all((fobd?.listeners ?? []).map((listener) => listener.close()));
    await fobd?.close();
    await people?.remove();
  });

  let identifier = 0;
  async function ask(user: string, password: string): Promise<string> {
    identifier += 1;
    const request = peerCodec.encode({
      code: 'Access-Request',
      secret: SECRET,
      identifier,
      add_message_authenticator: true,
      attributes: [
        ['User-Name', user],
        ['User-Password', password],
      ],
    });
    const socket = createSocket('udp4');
    try {
      const answered = once(socket, 'message') as Promise<[Buffer]>;
      socket.send(request, port, '127.0.0.1');
      const [packet] = await answered;
      return peerCodec.decode({ packet, secret: SECRET }).code;
    } finally {
      socket.close();
    }
  }

  it('lets a RADIUS client sign its people in by the password of the directory', async () => {
    for (const user of ['alice', 'CORP\\alice', 'a.person@corp.example']) {
      expect(await ask(user, PASSWORD), user).to.equal('Access-Accept');
    }
    expect(await ask('alice', 'wrong')).to.equal('Access-Reject');
    expect(await ask('OTHER\\alice', PASSWORD)).to.equal('Access-Reject');
    expect(await ask('disabled', PASSWORD)).to.equal('Access-Reject');
    const { items } = await fobd.store.auditPage({ after: 0, limit: 100 });
    const seen = items.filter(({ action }) => action === 'signIn' || action === 'addAccount');
    expect(seen.map(({ action, account, outcome }) => [action, account, outcome])).to.deep.equal([
      ['addAccount', 'alice', undefined],
      ...Array.from({ length: 3 }, () => ['signIn', 'alice', 'accepted']),
      ['signIn', 'alice', 'wrongPassword'],
      ['signIn', undefined, 'wrongPassword'],
      ['signIn', undefined, 'disabled'],
    ]);
    expect(JSON.stringify(items)).not.to.include(PASSWORD);
  });
});
