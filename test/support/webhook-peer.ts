import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** An HTTP server in a thread of its own, which answers as a test tells it. */

export interface CalledWebhook {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A status; or it hangs up, says nothing ever, or sends the caller elsewhere. */
export type WebhookAnswer = number | 'drop' | 'mute' | 'redirect';

export interface WebhookPeer {
  readonly port: number;
  readonly calls: readonly CalledWebhook[];
  /** For the next calls, one each; 204 when there are none. */
  answer(...answers: WebhookAnswer[]): void;
  /** Resolves once so many calls have come. */
  called(count: number): Promise<void>;
  close(): Promise<void>;
}

const PROGRAM = `
  const { createServer } = require('node:http');
  const { parentPort } = require('node:worker_threads');
  const answers = [];
  parentPort.on('message', (more) => answers.push(...more));
  const server = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const { url, headers } = request;
      const answer = answers.shift() ?? 204;
      parentPort.postMessage({ call: { url, headers, body: Buffer.concat(parts).toString() } });
      if (answer === 'drop') request.socket.destroy();
      else if (answer === 'redirect') response.writeHead(307, { location: '/elsewhere' }).end();
      else if (answer !== 'mute') response.writeHead(answer).end();
    });
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage({ port: server.address().port }));
`;

type Said = { readonly port?: number; readonly call?: CalledWebhook };

export async function startWebhookPeer(): Promise<WebhookPeer> {
  const worker = new Worker(PROGRAM, { eval: true });
  const calls: CalledWebhook[] = [];
  const [{ port = 0 }] = (await once(worker, 'message')) as [Said];
  worker.on('message', ({ call }: Said) => {
    if (call !== undefined) calls.push(call);
  });
  return {
    port,
    calls,
    answer: (...answers) => worker.postMessage(answers),
    async called(count) {
      while (calls.length < count) await once(worker, 'message');
    },
    async close() {
      await worker.terminate();
    },
  };
}
