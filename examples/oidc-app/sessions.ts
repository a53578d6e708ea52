import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import type { IDToken } from 'openid-client';

/** What this application knows of a browser. */
export interface Session {
  /** A sign-in on its way. */
  begun?: {
    readonly verifier: string;
    readonly state: string;
    readonly nonce: string;
    readonly returnTo: string;
    /** What has to be reached. */
    readonly acr?: string | undefined;
  };
  person?: {
    /** Of the ID token: who it is, how strongly (`acr`, `amr`) and since when. */
    readonly claims: IDToken;
    readonly name: string;
    readonly idToken: string;
    readonly refreshToken?: string | undefined;
  };
}

export interface Sessions {
  /** The browser's own. */
  find(context: Context): Session | undefined;
  /** A new one in the place of what there was, under a name that nobody has seen. */
  begin(context: Context): Session;
  end(context: Context): void;
}

const COOKIE = 'timesheets';
const SESSIONS_MAX = 10_000;

/** In memory: yours are where your application keeps its sessions. */
export function createSessions({ isSecure }: { readonly isSecure: boolean }): Sessions {
  const sessions = new Map<string, Session>();
  const end = (context: Context): void => {
    sessions.delete(context.cookies.get(COOKIE) ?? '');
  };
  const begin = (context: Context): Session => {
    end(context);
    const [oldest] = sessions.keys();
    if (oldest !== undefined && sessions.size >= SESSIONS_MAX) sessions.delete(oldest);
    const id = randomBytes(32).toString('base64url');
    const session: Session = {};
    sessions.set(id, session);
    const flags = { httpOnly: true, sameSite: 'lax', secure: isSecure, overwrite: true } as const;
    context.cookies.set(COOKIE, id, flags);
    return session;
  };
  return {
    find: (context) => sessions.get(context.cookies.get(COOKIE) ?? ''),
    begin,
    end,
  };
}
