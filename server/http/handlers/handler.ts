import type { IncomingMessage } from 'node:http';
import type {
  OperationId,
  ParsedBodyOf,
  ParsedParamsOf,
  ParsedQueryOf,
  ReplyOf,
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
) => Promise<ReplyOf<Id> | NotReady<ReplyOf<Id>>>;

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
