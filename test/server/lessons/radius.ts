import { createHash, createHmac } from 'node:crypto';
import { expect } from 'chai';
import type { Answer, RadiusClient } from '../../../server/radius/port.ts';
import type * as RadiusListening from '../radius/listening.ts';
import type { Lesson, RadiusWorld, World } from './lesson.ts';

const MESSAGE_AUTHENTICATOR = 80;
const REPLY_SECONDS = 30;

/** RADIUS over a socket, and the socket of one who asks. */
interface Wire extends RadiusWorld {
  readonly server: RadiusListening.Listening;
  readonly client: RadiusListening.ClientSocket;
  send(request: Uint8Array): Promise<void>;
}

interface Wishes {
  readonly answer?: Answer;
  readonly client?: Partial<RadiusClient>;
  readonly elapsedMillis?: () => number;
}

async function withWire(
  world: World,
  { answer, client: wishes, elapsedMillis }: Wishes,
  use: (wire: Wire) => Promise<void>,
): Promise<void> {
  const radius = await world.radius();
  const { startListening, clientAt, openClient } = radius.listening;
  const server = await startListening({
    clients: [clientAt('127.0.0.1', wishes)],
    ...(answer && { answer }),
    ...(elapsedMillis && { elapsedMillis }),
  });
  const client = await openClient();
  try {
    const send = (request: Uint8Array) => client.send(request, server.port);
    await use({ ...radius, server, client, send });
  } finally {
    client.close();
    await server.close();
  }
}

/** What a client computes that looks at the first attribute alone. */
function firstProof(reply: Uint8Array, request: Uint8Array, secret: Uint8Array): string {
  const bytes = Buffer.from(reply);
  bytes.set(request.subarray(4, 20), 4);
  bytes.fill(0, 22, 38);
  return createHmac('md5', secret).update(bytes).digest('hex');
}

export const RADIUS_LESSONS: readonly Lesson[] = [
  {
    name: 'forged replies: Message-Authenticator is first in every reply, and over all of it',
    evidence: 'Blast-RADIUS, CVE-2024-3596',
    async holds(world) {
      const codes = ['accessAccept', 'accessReject', 'accessChallenge'] as const;
      let decided = 0;
      const answer: Answer = async () => {
        const code = codes[decided] ?? 'accessReject';
        decided += 1;
        return { code, attributes: [{ type: 18, value: Buffer.from('Code?') }] };
      };
      await withWire(world, { answer }, async ({ listening, packets, client, send }) => {
        const { SECRET: secret } = listening;
        for (const request of [
          ...codes.map(() => packets.makeRequest({ secret })),
          packets.makeStatusServer(secret),
        ]) {
          await send(request);
          const reply = await client.next();
          expect(reply[20]).to.equal(MESSAGE_AUTHENTICATOR);
          const proof = Buffer.from(reply.subarray(22, 38)).toString('hex');
          expect(proof).to.equal(firstProof(reply, request, secret));
        }
      });
    },
    mutations: {
      'the first place': [
        {
          file: 'server/radius/authenticity.ts',
          from: '[first, ...reply.attributes]',
          to: '[...reply.attributes, first]',
        },
      ],
      'what the secret makes': [
        {
          file: 'server/radius/authenticity.ts',
          from: "bytes.write(hmacOf(bytes, secret), FIRST_VALUE_AT, 'latin1');",
          to: '',
        },
      ],
    },
  },
  {
    name: 'forged requests: without Message-Authenticator nobody is heard who has not opted out',
    evidence: 'Blast-RADIUS, CVE-2024-3596; pam_radius issue 96',
    async holds(world) {
      for (const requireMessageAuthenticator of [true, false]) {
        const client = { requireMessageAuthenticator };
        await withWire(world, { client }, async ({ listening, packets, server, send }) => {
          const { SECRET: secret } = listening;
          const proxied = [packets.attribute(33, 'from elsewhere')];
          await send(packets.makeRequest({ secret, signed: false }));
          await send(packets.makeRequest({ secret, signed: false, attributes: proxied }));
          await server.counted(2);
          expect(server.count('accessAccept')).to.equal(requireMessageAuthenticator ? 0 : 1);
        });
      }
    },
    mutations: {
      'the demand': [
        {
          file: 'server/radius/request.ts',
          from: "if (client.requireMessageAuthenticator) return 'authenticatorAbsent';",
          to: '',
        },
      ],
      'the look at Proxy-State': [
        {
          file: 'server/radius/request.ts',
          from: "? 'unprotectedProxyState' : undefined",
          to: '? undefined : undefined',
        },
      ],
    },
  },
  {
    name: 'cached accepts: an accept is said again to the same packet alone, and not for long',
    evidence: 'CVE-2026-27855, Dovecot',
    async holds(world) {
      const { signIns } = await world.radius();
      const people = await signIns.openSignIns();
      const serial = await people.room.registered('FT1', 'jennifer');
      let elapsed = 0;
      const wishes: Wishes = { answer: people.answer, elapsedMillis: () => elapsed };
      try {
        await withWire(world, wishes, async ({ listening, packets, server, client, send }) => {
          const password = people.room.code(serial, 2);
          const make = (text: string) => {
            const authenticator = createHash('md5').update(text).digest();
            return packets.makeRequest({ secret: listening.SECRET, password, authenticator });
          };
          await send(make('first'));
          const accepted = await client.next();
          await send(make('first'));
          expect(await client.next()).to.deep.equal(accepted);
          await send(make('second'));
          await server.counted(3);
          await send(make('first'));
          await server.counted(4);
          elapsed += (REPLY_SECONDS + 1) * 1000;
          await send(make('first'));
          await server.counted(5);
          const counts = Object.fromEntries(server.counts);
          expect(counts).to.deep.equal({ accessAccept: 1, repeated: 1, accessReject: 3 });
          const tried = (await people.room.audit()).map(({ outcome }) => outcome).slice(-4);
          expect(tried).to.deep.equal(['accepted', 'replayed', 'replayed', 'replayed']);
        });
      } finally {
        await people.room.store.close();
      }
    },
    mutations: {
      'the authenticator in what is the same': [
        {
          file: 'server/radius/recent-replies.ts',
          from: 'latin1(packet.authenticator)}`, proof: proofOf(packet)',
          to: "''}`, proof: ''",
        },
      ],
      'the end of a reply': [
        {
          file: 'server/radius/recent-replies.ts',
          from: 'if (until > now) return;',
          to: 'if (until > 0) return;',
        },
      ],
    },
  },
];
