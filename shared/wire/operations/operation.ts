import type { z } from 'zod';

/** One operation of the HTTP interface. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Parameters as `{name}`. */
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Media types taken instead of JSON: the body is then a stream. */
  readonly streamed?: readonly string[];
  /** The header that carries the key of an encrypted file; see `shared/seed-files/key.ts`. */
  readonly keyHeader?: string;
  /** Takes the header `Idempotency-Key`: a repeated request gets the first one's answer. */
  readonly idempotent?: true;
  /** 201 for what makes a record, else 200. */
  readonly status: 200 | 201;
  /** The JSON of the reply; absent where `streamedReply` is. */
  readonly reply?: z.ZodType;
  /** The media type, or types, of a reply that is a stream instead of JSON. */
  readonly streamedReply?: string | readonly string[];
}
