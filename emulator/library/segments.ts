import { SEGMENTS } from '../../firmware-spec/display.ts';
import type { Frame } from '../device/types.ts';

/** Each cell's lit segments as letters in the order of the alphabet; nothing is lit in the dark. */
export function segmentLetters({ lit, cells }: Frame): string[] {
  return cells.map((mask) => {
    if (!lit) return '';
    return [...SEGMENTS].filter((_, bit) => (mask & (1 << bit)) !== 0).join('');
  });
}
