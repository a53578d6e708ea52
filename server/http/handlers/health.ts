import { FobtwinError } from '../../../shared/errors.ts';
import type { AppDependencies } from '../dependencies.ts';
import { isDirectLoopback } from '../loopback.ts';
import { type Call, type Handlers, NotReady, Streamed } from './handler.ts';

type Parts = Pick<AppDependencies, 'status' | 'notReady' | 'warnings' | 'metrics'>;

/**
 * `healthz`: the process answers. `readyz`: it also takes requests; 503 while it does not, and why,
 * for those who look after it; what they should see to besides fails neither. `metrics`: what a
 * serving fobd has counted.
 */
export function healthHandlers({
  status,
  notReady,
  warnings,
  metrics,
}: Parts): Handlers<'healthz' | 'readyz' | 'metrics'> {
  const replyTo = (call: Call<'healthz' | 'readyz'>) => {
    const reply = { status: status() };
    if (!looksAfterFobd(call)) return reply;
    const [reasons, warned] = [notReady?.() ?? [], warnings?.() ?? []];
    return {
      ...reply,
      ...(reasons.length > 0 && { reasons: [...reasons] }),
      ...(warned.length > 0 && { warnings: [...warned] }),
    };
  };
  return {
    async healthz(call) {
      return replyTo(call);
    },
    async readyz(call) {
      const reply = replyTo(call);
      return reply.status === 'ok' ? reply : new NotReady(reply);
    },
    async metrics() {
      if (metrics !== undefined) return new Streamed([await metrics()]);
      throw new FobtwinError('unavailable', 'Only a serving fobd counts what it does.', {
        nextStep: 'Start it with: fobd serve',
      });
    },
  };
}

/** Whoever is on the machine itself, and whoever may read the metrics. */
const looksAfterFobd = ({ request, caller }: Call<'healthz' | 'readyz'>): boolean =>
  caller.principal.scopes.has('metrics:read') || isDirectLoopback(request);
