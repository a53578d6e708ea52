import { FobtwinError } from '../../shared/errors.ts';
import { withDirectionSignsShown } from '../../shared/text-direction.ts';

/** What a person reads on standard error: what went wrong, its stable code, what to do next. */
export function describeError(error: unknown): string {
  if (!(error instanceof FobtwinError)) {
    return `fobd: ${error instanceof Error ? error.message : String(error)} [internal]\n`;
  }
  const places = error.errors.map(({ field, code }) => `${field}: ${code}`).join(', ');
  const where = places === '' || error.message.includes(places) ? '' : ` (${places})`;
  const next = error.nextStep === undefined ? '' : `  ${error.nextStep}\n`;
  // A refusal may quote what others wrote.
  return withDirectionSignsShown(`fobd: ${error.message}${where} [${error.code}]\n${next}`);
}
