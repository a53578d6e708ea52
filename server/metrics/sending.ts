import { Counter, Gauge, type Registry } from 'prom-client';
import { NOTICE_CLASSES } from '../notices/classes.ts';
import type { NoticeObserver } from '../notices/observer.ts';
import { ENDPOINT_STATES, type Queues } from '../notices/queues.ts';
import { type PhoneObserver, SENDING_REFUSALS } from '../phones/observer.ts';

/** What leaves fobd by itself: mails, events and codes to phones. */

type Registers = Registry[];

export function observeNotices(registers: Registers): NoticeObserver {
  const mails = new Counter({
    name: 'fobd_notices_total',
    help: 'Mails that came to a state, by what they are about.',
    labelNames: ['class', 'state'],
    registers,
  });
  for (const about of NOTICE_CLASSES) {
    for (const state of ['queued', 'sent', 'failed', 'undeliverable']) {
      mails.inc({ class: about, state }, 0);
    }
  }
  const calls = new Counter({
    name: 'fobd_webhook_calls_total',
    help: 'Endpoints called with an event, by what came of it.',
    labelNames: ['result'],
    registers,
  });
  for (const result of ['taken', 'failed', 'gone']) calls.inc({ result }, 0);
  const lost = new Counter({
    name: 'fobd_webhook_events_lost_total',
    help: 'Events that an endpoint will never get: given up, or removed from the log unread.',
    labelNames: ['because'],
    registers,
  });
  for (const because of ['failing', 'retention']) lost.inc({ because }, 0);
  return {
    mail: (about, state) => mails.inc({ class: about, state }),
    call: (result) => calls.inc({ result }),
    lost: (because, events) => lost.inc({ because }, events),
  };
}

/** Gateways have the names that the file of `--phones` gives them: eight at most. */
export function observePhones(registers: Registers): PhoneObserver {
  const messages = new Counter({
    name: 'fobd_phone_messages_total',
    help: 'Codes handed to a gateway, by whether it took them.',
    labelNames: ['gateway', 'result'],
    registers,
  });
  const refusals = new Counter({
    name: 'fobd_phone_refusals_total',
    help: 'Codes that were not sent because of a limit, or half a minute after the last.',
    labelNames: ['limit'],
    registers,
  });
  for (const limit of SENDING_REFUSALS) refusals.inc({ limit }, 0);
  return {
    message(gateway, result) {
      // Both lines from its first message on: a rule compares them, also where it takes none.
      for (const each of ['taken', 'failed'] as const) {
        messages.inc({ gateway, result: each }, each === result ? 1 : 0);
      }
    },
    refused: (limit) => refusals.inc({ limit }),
  };
}

export interface QueueSources {
  /** Undefined until it was first looked at. */
  readonly queues: () => Queues | undefined;
  /** By the clock that mails are written at: Unix milliseconds. */
  readonly now: () => number;
}

/** What waits, as it was when it was last looked at; the age of the oldest mail as it is now. */
export function watchQueues(registers: Registers, { queues, now }: QueueSources): void {
  byName(registers, 'class', NOTICE_CLASSES, {
    name: 'fobd_notices_waiting',
    help: 'Mails that wait for the mail server, by what they are about.',
    counts: () => queues()?.mails,
  });
  byName(registers, 'state', ENDPOINT_STATES, {
    name: 'fobd_webhooks',
    help: 'Endpoints by how they do.',
    counts: () => queues()?.endpoints,
  });
  byName(registers, 'state', ENDPOINT_STATES, {
    name: 'fobd_webhook_deliveries_waiting',
    help: 'Deliveries that wait, by how their endpoint does.',
    counts: () => queues()?.deliveries,
  });
  new Gauge({
    name: 'fobd_notices_oldest_waiting_seconds',
    help: 'For how long the oldest mail that waits does so; 0 where none waits.',
    registers,
    collect() {
      const at = queues()?.oldestMailAt;
      this.set(at === undefined ? 0 : Math.max(0, now() - at) / 1000);
    },
  });
}

/** A line for each name, whether it was counted or not. */
function byName<Name extends string>(
  registers: Registers,
  label: string,
  names: readonly Name[],
  {
    name,
    help,
    counts,
  }: {
    readonly name: string;
    readonly help: string;
    readonly counts: () => ReadonlyMap<Name, number> | undefined;
  },
): void {
  new Gauge({
    name,
    help,
    labelNames: [label],
    registers,
    collect() {
      const found = counts();
      for (const each of names) this.set({ [label]: each }, found?.get(each) ?? 0);
    },
  });
}

/** What came of a chore. */
export type ChoreObserver = (chore: string, result: 'done' | 'failed') => void;

/** @param now the computer's clock: what whoever asks goes by. Unix milliseconds */
export function observeChores(registers: Registers, now: () => number): ChoreObserver {
  const success = new Gauge({
    name: 'fobd_chore_last_success_timestamp_seconds',
    help: 'When a chore was last done, as Unix time; 0 for one that has only failed yet.',
    labelNames: ['chore'],
    registers,
  });
  const failures = new Counter({
    name: 'fobd_chore_failures_total',
    help: 'Chores that failed, and are tried again later.',
    labelNames: ['chore'],
    registers,
  });
  return (chore, result) => {
    failures.inc({ chore }, result === 'failed' ? 1 : 0);
    if (result === 'done') success.set({ chore }, now() / 1000);
    // A line that is not there is never too old for a rule.
    else success.inc({ chore }, 0);
  };
}
