import { FobtwinError } from '../../shared/errors.ts';

/** In a browser the page itself draws SVG; what makes PNG reads its program from a file. */
export const png: (svg: string, scale: number) => Promise<Uint8Array> = async () => {
  throw new FobtwinError('notAllowedNow', 'A PNG can be made under Node only', {
    nextStep: "In a browser ask for { format: 'svg' }.",
  });
};
