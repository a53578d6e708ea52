import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { put } from '../store/port.ts';
import type { NoticeDraft, NoticeWriter } from './port.ts';
import { type NoticeRecord, type NoticeState, noticeKey } from './record.ts';
import { sealSecrets } from './secrets.ts';
import { NOTICE_SECRETS, NOTICE_TEMPLATES } from './templates/catalogue.ts';

export interface NoticeWriterOptions {
  /** 32 bytes, derived from the root key for `notices`. */
  readonly key: Uint8Array;
  readonly rng: Rng;
  /** In a lab a mail is captured as it is written, and never sent. */
  readonly lab: boolean;
  /** Told of each as it is decided on. Default: nobody is told. */
  readonly onWritten?: (notice: NoticeRecord) => void;
}

export const createNoticeWriter = (options: NoticeWriterOptions): NoticeWriter => ({
  write(draft, present) {
    if (present !== undefined) return [];
    const record = recordOf(draft, options);
    options.onWritten?.(record);
    return [put(noticeKey(draft.id), record)];
  },
});

function recordOf(draft: NoticeDraft, { key, rng, lab }: NoticeWriterOptions): NoticeRecord {
  const { id, template, to, account, at, values, secrets = {} } = draft;
  checkNames(draft, NOTICE_TEMPLATES[template], values);
  checkNames(draft, NOTICE_SECRETS[template] ?? [], secrets);
  const hasSecrets = Object.keys(secrets).length > 0;
  const state = stateOf(draft, lab);
  return {
    version: 1,
    id,
    template,
    to: [...new Set(to)],
    ...(account === undefined ? {} : { account }),
    at,
    values,
    ...(hasSecrets ? { sealed: sealSecrets(key, secrets, id, rng) } : {}),
    state,
    attempts: 0,
    ...(state === 'queued' ? { nextAttemptAt: at } : {}),
  };
}

function stateOf({ to }: NoticeDraft, lab: boolean): NoticeState {
  if (to.length === 0) return 'undeliverable';
  return lab ? 'captured' : 'queued';
}

/** A mail that would show nothing where something belongs is never written. */
function checkNames(
  { template }: NoticeDraft,
  names: readonly string[],
  values: Readonly<Record<string, string>>,
): void {
  const missing = names.filter((name) => values[name] === undefined);
  if (missing.length === 0) return;
  throw new FobtwinError('internal', 'An internal error occurred.', {
    detail: `notices: ${template} is written without ${missing.join(', ')}`,
  });
}
