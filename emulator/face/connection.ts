import type { Answer, Notice, ProblemView } from '../control/wire.ts';

/** The line to the program that holds the tokens: kept up, however often that is restarted. */
export interface Connection {
  /** @throws CommandError when it was refused, or there is no line */
  send(command: string, parameters?: object): Promise<unknown>;
}

export interface ConnectionEvents {
  readonly onNotice: (notice: Notice) => void;
  readonly onUp: () => void;
  readonly onDown: () => void;
}

/** A command that was not carried out, in words for a person. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

const RETRY_MILLIS = { first: 300, most: 5000, factor: 1.7 } as const;
const WAIT_MILLIS = 15_000;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: CommandError) => void;
  readonly timer: number;
}

export function connect(address: URL, events: ConnectionEvents): Connection {
  const waiting = new Map<number, Waiting>();
  let socket: WebSocket | undefined;
  let retryMillis: number = RETRY_MILLIS.first;
  let retryTimer = 0;
  let ids = 0;

  const settle = (id: number | null): Waiting | undefined => {
    const waiter = id === null ? undefined : waiting.get(id);
    if (waiter === undefined || id === null) return undefined;
    waiting.delete(id);
    window.clearTimeout(waiter.timer);
    return waiter;
  };
  const hear = (text: string): void => {
    const message = JSON.parse(text) as Notice | Answer;
    if ('event' in message) {
      events.onNotice(message);
      return;
    }
    const waiter = settle(message.id);
    if ('error' in message) waiter?.reject(new CommandError(inWords(message.error)));
    else waiter?.resolve(message.result);
  };
  const open = (): void => {
    window.clearTimeout(retryTimer);
    const opening = new WebSocket(address);
    socket = opening;
    opening.addEventListener('open', () => {
      retryMillis = RETRY_MILLIS.first;
      events.onUp();
    });
    opening.addEventListener('message', ({ data }) => hear(String(data)));
    opening.addEventListener('close', () => {
      for (const id of [...waiting.keys()]) settle(id)?.reject(noLine());
      events.onDown();
      retryTimer = window.setTimeout(open, retryMillis);
      retryMillis = Math.min(retryMillis * RETRY_MILLIS.factor, RETRY_MILLIS.most);
    });
  };
  // Who comes back to the page does not wait for the next try.
  const hurry = (): void => {
    if (document.visibilityState === 'visible' && socket?.readyState === WebSocket.CLOSED) open();
  };
  document.addEventListener('visibilitychange', hurry);
  window.addEventListener('online', hurry);
  open();

  return {
    send(command, parameters = {}) {
      return new Promise((resolve, reject) => {
        if (socket === undefined || socket.readyState !== WebSocket.OPEN) {
          reject(noLine());
          return;
        }
        ids += 1;
        const id = ids;
        const giveUp = () => settle(id)?.reject(new CommandError('There was no answer in time.'));
        waiting.set(id, { resolve, reject, timer: window.setTimeout(giveUp, WAIT_MILLIS) });
        socket.send(JSON.stringify({ ...parameters, id, command }));
      });
    },
  };
}

function inWords({ detail, nextStep }: ProblemView): string {
  return nextStep === undefined ? `${detail}.` : `${detail}. ${nextStep}`;
}

function noLine(): CommandError {
  return new CommandError('The token cannot be reached just now.');
}
