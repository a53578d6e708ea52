import type { Rng } from '../../shared/rng.ts';
import type { AccountId, SubscriptionId } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { inBundle } from '../credentials/bundle.ts';
import { addressesOf, type NoticeDraft, type NoticeWriter } from '../notices/port.ts';
import { noticeKey } from '../notices/record.ts';
import type { NoticeTemplate } from '../notices/templates/catalogue.ts';
import type { Decision, Store, Write } from '../store/port.ts';
import type { QuestionProvider } from './port.ts';
import { proofingKey } from './record.ts';
import { changeable, type Subject, subjectOf } from './subject.ts';

/** What decisions about proofings are given besides records, command and caller. */
export interface Deciding {
  readonly store: Pick<Store, 'transact'>;
  readonly notices: NoticeWriter;
  /** Undefined: nobody asks questions. */
  readonly provider: QuestionProvider | undefined;
  /** 32 bytes: what activation codes are hashed under. */
  readonly activationKey: Uint8Array;
  readonly rng: Rng;
}

/** Whose proofing it is; of agents' commands anybody's. */
export interface ProofingOf {
  readonly subscription: SubscriptionId;
  readonly account?: AccountId;
}

/** The writes of a mail to the person, within the decision. */
export type Mail = (
  template: Extract<NoticeTemplate, `proofing${string}`>,
  values: NoticeDraft['values'],
) => Write[];

const MAIL_ID_BYTES = 8;

/**
 * Decides over a proofing and the bundle that it is of. At most one mail comes of it; its id is
 * random, since a lab's clock may stand still between two decisions.
 *
 * @throws FobtwinError `notFound`, `revoked`, and what `decide` throws
 */
export function decideProofing<R>(
  { subscription, account }: ProofingOf,
  { now }: Caller,
  { store, notices, rng }: Deciding,
  decide: (subject: Subject, mail: Mail) => Decision<R>,
): Promise<R> {
  const random = Buffer.from(rng.bytes(MAIL_ID_BYTES)).toString('hex');
  const place = noticeKey(`${subscription}:proofing:${random}`);
  const extras = [proofingKey(subscription), place] as const;
  return inBundle(subscription, extras, store, (bundle, [present, mailed]) => {
    const subject = changeable(subjectOf(bundle, present, account), now);
    const to = addressesOf(subject.account);
    return decide(subject, (template, values) => {
      const draft = { id: place.id, template, to, account: subject.account.id, at: now, values };
      return notices.write(draft, mailed);
    });
  });
}
