import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * A gateway for texts, as somebody would write one after server/phones/README.md: a process of its
 * own. It verifies the signature by the standard's words, knows a message again by its id, and
 * fails as it is told: `POST /behave` with the replies to come, `GET /received` for what it took.
 */

const KEY = Buffer.from(process.argv[2] ?? '', 'base64');

type Behaviour = number | 'hang' | 'drop';
let behaviours: Behaviour[] = [];
const asked: { readonly id: string; readonly path: string }[] = [];
const sent = new Map<string, unknown>();

function isGenuine({ headers }: IncomingMessage, body: string): boolean {
  const [id, timestamp] = [headers['webhook-id'], headers['webhook-timestamp']];
  const [version, given = ''] = String(headers['webhook-signature']).split(',');
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const wanted = createHmac('sha256', KEY).update(`${id}.${timestamp}.${body}`).digest();
  const signature = Buffer.from(given, 'base64');
  return (
    version === 'v1' && signature.length === wanted.length && timingSafeEqual(signature, wanted)
  );
}

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  if (!isGenuine(request, body)) {
    response.writeHead(401).end();
    return;
  }
  const message = JSON.parse(body) as { readonly id: string };
  asked.push({ id: message.id, path: request.url ?? '' });
  const behaviour = behaviours.shift() ?? 200;
  if (behaviour === 'drop') return void request.socket.destroy();
  if (behaviour === 'hang') return;
  if (behaviour < 300) sent.set(message.id, message);
  response.writeHead(behaviour).end('{"queued":true}');
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/behave') {
    behaviours = JSON.parse(await text(request)) as Behaviour[];
    asked.length = 0;
    sent.clear();
    response.end();
  } else if (request.url === '/received') {
    response.end(JSON.stringify({ asked, sent: [...sent.values()] }));
  } else {
    await take(request, response);
  }
}

const server = createServer((request, response) => void answer(request, response));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
