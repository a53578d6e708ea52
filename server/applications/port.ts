import type { ApplicationId } from '../../shared/types.ts';
import type { Caller, Principal, Scope } from '../access/scopes.ts';
import type { ApplicationRecord } from './record.ts';

export interface ApplicationService {
  /** The API key is `fobd_ID_SECRET`, the secret 256 bits in base64url; shown this once. */
  add(
    application: { name: string; scopes: readonly Scope[] },
    caller: Caller,
  ): Promise<{ id: ApplicationId; apiKey: string }>;
  /** @throws FobtwinError `notFound`, or `revoked` when it already is */
  revoke(id: ApplicationId, caller: Caller): Promise<ApplicationRecord>;
  list(query: { after?: string | undefined; limit: number }): Promise<{
    items: readonly ApplicationRecord[];
    next: string | null;
  }>;
  /** The principal an API key stands for, or `undefined`; the same work for every wrong key. */
  authenticate(apiKey: string): Promise<Principal | undefined>;
}
