import type { IncomingMessage, ServerResponse } from 'node:http';
import type Koa from 'koa';

/** What every reply has, whatever it says. */
export type StandingHeaders = readonly string[];

/** A reply as JSON, decided but not sent. */
export interface JsonReply {
  readonly status: number;
  readonly value: unknown;
}

/**
 * Sends JSON with one head and one write, past Koa's own way of building a reply header by header:
 * see `readJsonText` for what that saves. To HEAD goes the head alone; Node sees to that.
 *
 * @param headers names and values in turn
 */
export function sendJson(
  context: Koa.Context,
  { status, value }: JsonReply,
  headers: StandingHeaders,
): void {
  const { res } = context;
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  // Plain ASCII is the same in both, and dearer to write as UTF-8; the head is nothing else.
  const encoding = bytes === text.length ? 'latin1' : 'utf8';
  // From here on nothing fails, and nobody else answers.
  context.respond = false;
  // A caller that is gone gets nothing, as by Koa.
  if (!context.writable) {
    res.end();
    return;
  }
  const type = 'application/json; charset=utf-8';
  res.writeHead(status, [...headers, 'Content-Type', type, 'Content-Length', String(bytes)]);
  // The head waits for the text and goes out with it. Let go of at once they are one plain write;
  // `end(text)` would add an empty piece, and gather the two at a dearer one's cost. Held back by
  // ourselves, or Node would do so until the next turn, and plan for that.
  const { socket } = res;
  socket?.cork();
  res.write(text, encoding);
  socket?.uncork();
  res.end();
}

/** For what is not sent so: they wait in the reply until Koa sends it. */
export function setHeaders(res: ServerResponse<IncomingMessage>, headers: StandingHeaders): void {
  for (let place = 0; place + 1 < headers.length; place += 2) {
    res.setHeader(headers[place] ?? '', headers[place + 1] ?? '');
  }
}
