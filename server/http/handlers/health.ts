import type { AppDependencies } from '../dependencies.ts';
import { type Handlers, NotReady } from './handler.ts';

/** `healthz`: the process answers. `readyz`: it also takes requests; 503 while it does not. */
export function healthHandlers({
  status,
}: Pick<AppDependencies, 'status'>): Handlers<'healthz' | 'readyz'> {
  return {
    async healthz() {
      return { status: status() };
    },
    async readyz() {
      const reply = { status: status() };
      return reply.status === 'ok' ? reply : new NotReady(reply);
    },
  };
}
