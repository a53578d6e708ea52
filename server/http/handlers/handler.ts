import type { IncomingMessage } from 'node:http';
import type {
  OperationId,
  ParsedBodyOf,
  ParsedParamsOf,
  ParsedQueryOf,
  ReplyOf,
  StreamingId,
} from '../../../shared/wire/operations.ts';
import type { Caller } from '../../access/scopes.ts';

/** A parsed, authenticated and authorised request, as a handler gets it. */
export interface Call<Id extends OperationId> {
  readonly params: ParsedParamsOf<Id>;
  readonly query: ParsedQueryOf<Id>;
  readonly body: ParsedBodyOf<Id>;
  readonly caller: Caller;
  /** The request itself, for the one operation whose body is a stream. */
  readonly request: IncomingMessage;
}

/** From a call to a service and back to the wire: no rule of the business is here. */
export type Handler<Id extends OperationId> = (
  call: Call<Id>,
) => Promise<Id extends StreamingId ? Streamed : WholeReply<ReplyOf<Id>>>;

type WholeReply<Reply> =
  | Reply
  | NotReady<Reply>
  | (Reply extends { readonly rows: readonly unknown[] } ? Sliced<Reply> : never);

export type Pieces = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

/**
 * A reply that is sent piece by piece, in a media type of the operation's `streamedReply`. The
 * status is out before the last piece is made: what fails in the middle breaks the connection off,
 * so the format must let its reader tell a whole file from a part.
 */
export class Streamed {
  readonly pieces: Pieces;
  readonly mediaType: string | undefined;

  /** @param mediaType which of them, where the operation has several; default the first */
  constructor(pieces: Pieces, mediaType?: string) {
    this.pieces = pieces;
    this.mediaType = mediaType;
  }
}

/**
 * A reply with so many `rows` that its JSON is made slice by slice: made at once, it would hold
 * everybody up who waits for a decision.
 */
export class Sliced<Reply extends { readonly rows: readonly unknown[] }> {
  readonly reply: Reply;

  constructor(reply: Reply) {
    this.reply = reply;
  }
}

/** A reply whose status is 503 though its body is the operation's own. */
export class NotReady<Reply> {
  readonly reply: Reply;

  constructor(reply: Reply) {
    this.reply = reply;
  }
}

export type Handlers<Ids extends OperationId = OperationId> = {
  readonly [Id in Ids]: Handler<Id>;
};
