import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type Koa from 'koa';
import type { Rng } from '../../shared/rng.ts';
import { parseCode } from '../../shared/types.ts';
import {
  bodyTooLarge,
  isBrokenOff,
  malformedBody,
  refuseCompressed,
  requireMediaType,
} from '../http/request-body.ts';
import type { Cookie } from './cookies.ts';

/**
 * Forms that only our own pages can send. Two defences, each enough by itself: the browser's word
 * on where the request comes from, and a token in the form that is bound to the session, or to a
 * cookie of its own where nobody has signed in yet (a stranger's form cannot sign a browser in).
 */
export interface Forms {
  /** For a hidden field; before a session the cookie that it is bound to is set with it. */
  token(context: Koa.Context, sessionToken: string | undefined): string;
  /** `foreign`: another site's page sent it. `stale`: ours, of another session or none. */
  judge(context: Koa.Context, fields: Fields, sessionToken: string | undefined): FormJudgement;
}

export type FormJudgement = 'sound' | 'stale' | 'foreign';
export type Fields = ReadonlyMap<string, string>;

export const FORM_FIELD = 'form';

export interface FormOptions {
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly cookie: Cookie;
  readonly publicUrl: URL;
  readonly rng: Rng;
}

const BINDING_BYTES = 16;
const BINDING = /^[\w-]{22}$/;

export function createForms({ key, cookie, publicUrl, rng }: FormOptions): Forms {
  const tokenOf = (binding: string) =>
    createHmac('sha256', key).update(`fobd/form/v1/${binding}`).digest('base64url');
  const bindingOf = (context: Koa.Context, sessionToken: string | undefined) => {
    if (sessionToken !== undefined) return `session/${sessionToken}`;
    const kept = cookie.read(context.req);
    return kept !== undefined && BINDING.test(kept) ? `browser/${kept}` : undefined;
  };
  return {
    token(context, sessionToken) {
      const known = bindingOf(context, sessionToken);
      if (known !== undefined) return tokenOf(known);
      const made = Buffer.from(rng.bytes(BINDING_BYTES)).toString('base64url');
      cookie.write(context, made);
      return tokenOf(`browser/${made}`);
    },
    judge(context, fields, sessionToken) {
      if (!isFromHere(context.req, publicUrl)) return 'foreign';
      const binding = bindingOf(context, sessionToken);
      if (binding === undefined) return 'stale';
      return isSame(fields.get(FORM_FIELD) ?? '', tokenOf(binding)) ? 'sound' : 'stale';
    },
  };
}

/**
 * Sec-Fetch-Site where the browser has it, else Origin. Under `no-referrer` browsers send `null`
 * for an Origin (Fetch section 3.2), and old ones send neither: there the token alone decides.
 */
function isFromHere({ headers }: IncomingMessage, publicUrl: URL): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin } = headers;
  return origin === undefined || origin === 'null' || origin === publicUrl.origin;
}

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Room for two addresses (3,350 characters) with each escaped as nine, and the other fields. */
export const FORM_BYTES_MAX = 32 * 1024;
/** The checkout has two addresses. */
const FIELDS_MAX = 28;
const FORM_TYPE = 'application/x-www-form-urlencoded';

/**
 * The fields of a form, each once.
 *
 * @throws FobtwinError `unsupportedMediaType`, `bodyTooLarge`, `malformedBody`
 */
export async function readForm({ req }: Koa.Context): Promise<Fields> {
  requireMediaType(req.headers, [FORM_TYPE]);
  refuseCompressed(req.headers);
  if (Number(req.headers['content-length'] ?? 0) > FORM_BYTES_MAX) {
    throw bodyTooLarge(FORM_BYTES_MAX);
  }
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(await readText(req))) {
    if (fields.has(name) || fields.size >= FIELDS_MAX) {
      throw malformedBody('The form has a field twice, or too many.');
    }
    fields.set(name, value);
  }
  return fields;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // Left half-way the request stays open: a refusal is still answered.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > FORM_BYTES_MAX) throw bodyTooLarge(FORM_BYTES_MAX);
      chunks.push(chunk);
    }
  } catch (error) {
    throw isBrokenOff(error) ? malformedBody('The body ended before its length.') : error;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** As typed: spaces do not matter. */
export const codeIn = (text: string | undefined) => parseCode((text ?? '').replace(/\s/gu, ''));
