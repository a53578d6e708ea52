import type { Fields } from './forms.ts';
import { SIGNED_OUT_PAGE, signOutPage } from './sign-in-pages.ts';
import {
  callerAt,
  formTokenOf,
  type PageRoute,
  type Reply,
  unseatBrowser,
  type Visit,
} from './visit.ts';

/** A link alone signs nobody out: it shows a button. */
export const SIGN_OUT: PageRoute = {
  get: async (visit) => ({
    page: visit.seat === undefined ? SIGNED_OUT_PAGE : signOutPage(formTokenOf(visit), visit.seat),
  }),
  post: signOut,
};

async function signOut(visit: Visit, fields: Fields): Promise<Reply> {
  const { parts, seat, now } = visit;
  if (seat !== undefined) {
    const isEverywhere = fields.get('everywhere') === 'yes';
    if (isEverywhere) await parts.sessions.endAll(seat.account.id, callerAt(now));
    else await parts.sessions.end(seat.token, callerAt(now));
  }
  unseatBrowser(visit);
  return { page: SIGNED_OUT_PAGE };
}
