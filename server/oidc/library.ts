import type * as OidcProvider from 'oidc-provider';
import type { HttpLog } from '../http/dependencies.ts';

export type Library = typeof OidcProvider;

let loading: Promise<Library> | undefined;

/**
 * Loaded when the provider is first asked, and not by every command. It speaks on the console as it
 * is loaded ("Unsupported runtime" on Node.js 20, which it runs on all the same): that goes to the
 * log, so that standard output keeps to `--json`.
 */
export function loadLibrary(log: Pick<HttpLog, 'warn'>): Promise<Library> {
  loading ??= load(log);
  return loading;
}

async function load(log: Pick<HttpLog, 'warn'>): Promise<Library> {
  const { warn } = console;
  console.warn = (...said: unknown[]) => {
    const [line] = said;
    if (typeof line === 'string' && line.includes('oidc-provider')) {
      log.warn?.({ line }, 'said by the OpenID Connect library');
    } else {
      warn(...said);
    }
  };
  try {
    return await import('oidc-provider');
  } finally {
    console.warn = warn;
  }
}
