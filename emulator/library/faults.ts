import type { FaultDefinition } from '../../firmware-spec/faults.ts';
import type { FaultName } from '../../firmware-spec/vocabulary.ts';
import { FAULTS, parseFaultName } from '../device/faults/catalogue.ts';

/** An entry of the catalogue: attributes with bounds and defaults, `person`, `server`. */
export type FaultDescription = FaultDefinition;

export interface FaultOptions {
  /** How likely it strikes at each occasion, over 0 up to 1. Default 1. */
  readonly probability?: number;
  /** Where it strikes follows from this; the same number, the same places. Default 1. */
  readonly randomSeed?: number;
}

/** @throws FobtwinError `invalidInput`: a caller without types may name anything */
export function describeFault(name: FaultName): FaultDescription {
  return FAULTS[parseFaultName(name)];
}
