/** The header that marks the repetitions of one attempt. */
export const IDEMPOTENCY_HEADER = 'idempotency-key';

/** Long enough not to be met by chance: a UUID has 36 characters. */
export const IDEMPOTENCY_KEY = /^[A-Za-z0-9_-]{16,64}$/;
