import { segmentsOf } from '../../../emulator/device/lcd.ts';
import type { Frame, Reading } from '../../../emulator/device/types.ts';
import type { State } from '../../../firmware-spec/vocabulary.ts';
import { parseSerial, type Serial, type UnixMillis } from '../../../shared/types.ts';

/** Frames and readings to draw, without a device. */

export function frameOf(text: string, changes: Partial<Frame> = {}): Frame {
  return {
    lit: true,
    cells: segmentsOf(text, 8),
    marks: 4,
    marksMax: 6,
    icons: [],
    contrast: 1,
    rotated: false,
    ...changes,
  };
}

export const DARK = frameOf('', { lit: false, marks: 0 });

export function readingOf(frame: Frame, state: State = 'showing'): Reading {
  return { at: 0 as UnixMillis, state, frame, display: '', code: null, remainingMillis: null };
}

export function serialOf(text: string): Serial {
  const serial = parseSerial(text);
  if (serial === undefined) throw new Error(`${text} is no serial`);
  return serial;
}
