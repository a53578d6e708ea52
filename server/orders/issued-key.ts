import type { Rng } from '../../shared/rng.ts';
import type { NoticeWriter } from '../notices/port.ts';
import type { NoticeRecord } from '../notices/record.ts';
import { type Key, put, type Write } from '../store/port.ts';
import {
  type LicenceKey,
  type LicenceKeyRecord,
  licenceKeyKey,
  makeLicenceKey,
} from './licence-key.ts';
import { type KeyMail, licenceKeyMail } from './mails.ts';

/** A licence key on its way out: the hash of it is kept, and the key itself stands in one mail. */
export interface NewKey {
  readonly key: LicenceKey;
  /** Where its record is to stand. */
  readonly keyAt: Key<LicenceKeyRecord>;
}

export function makeNewKey({
  rng,
  licenceKeysKey,
}: {
  readonly rng: Rng;
  readonly licenceKeysKey: Uint8Array;
}): NewKey {
  const key = makeLicenceKey(rng);
  return { key, keyAt: licenceKeyKey(key, licenceKeysKey) };
}

/** Its record with the mail that has it. @param notice what stands in the mail's place */
export const newKeyWrites = (
  { keyAt, ...mail }: NewKey & KeyMail,
  notices: NoticeWriter,
  notice: NoticeRecord | undefined,
): readonly Write[] => [
  put(keyAt, {
    version: 1,
    id: keyAt.id,
    subscription: mail.subscription.id,
    issuedAt: mail.at,
  }),
  ...notices.write(licenceKeyMail(mail), notice),
];
