import type Koa from 'koa';

/** A reply as JSON, decided but not sent. */
export interface JsonReply {
  readonly status: number;
  readonly value: unknown;
}

/** Sends replies that all have the same headers. */
export interface Sender {
  /**
   * Sends JSON with one head and one write, past Koa's own way of building a reply header by
   * header: see `readJsonText` for what that saves. To HEAD goes the head alone; Node sees to that.
   */
  json(context: Koa.Context, reply: JsonReply, requestId: string): void;
  /** For what is not sent so: the headers wait in the reply until Koa sends it. */
  setHeaders(context: Koa.Context, requestId: string): void;
}

/** @param standing what every reply has, whatever it says: names and values in turn */
export function createSender(standing: readonly string[]): Sender {
  const common = ['X-Request-Id', '', ...standing];
  const type = 'application/json; charset=utf-8';
  // One list for all replies, which Node is done with at once: lists of their own were garbage.
  const head = [...common, 'Content-Type', type, 'Content-Length', ''];
  return {
    json(context, { status, value }, requestId) {
      const { res } = context;
      const text = JSON.stringify(value);
      const bytes = Buffer.byteLength(text);
      // From here on nothing fails, and nobody else answers.
      context.respond = false;
      // A caller that is gone gets nothing, as by Koa.
      if (!context.writable) {
        res.end();
        return;
      }
      head[REQUEST_ID_AT] = requestId;
      head[head.length - 1] = String(bytes);
      res.writeHead(status, head);
      // The head waits for the text and goes out with it. Let go of at once they are one plain
      // write; `end(text)` would add an empty piece, and gather the two at a dearer one's cost.
      // Held back by ourselves, or Node would do so until the next turn, and plan for that.
      const { socket } = res;
      socket?.cork();
      // Plain ASCII is the same in both, and dearer as UTF-8; the head is nothing else.
      res.write(text, bytes === text.length ? 'latin1' : 'utf8');
      socket?.uncork();
      res.end();
    },

    setHeaders({ res }, requestId) {
      common[REQUEST_ID_AT] = requestId;
      for (let place = 0; place + 1 < common.length; place += 2) {
        res.setHeader(common[place] ?? '', common[place + 1] ?? '');
      }
    },
  };
}

const REQUEST_ID_AT = 1;
