import { C30 } from '../../firmware-spec/profiles/c30.ts';
import { countdownMarks, segmentsOf } from '../device/lcd.ts';
import { drawLcd } from '../device/lcd-text.ts';

/** The LCD of the story's token as it lights up, drawn from what `fob press` said it shows. */
export function drawPress({ display, at }: { display: string; at: string }): string[] {
  const { cells, countdownMarks: marksMax } = C30.display;
  const stepSeconds = C30.stepSeconds ?? 30;
  const marks = countdownMarks(Date.parse(at), { stepSeconds, marksMax });
  const shown = { lit: true, cells: segmentsOf(display, cells), marks, marksMax };
  return drawLcd({ ...shown, icons: [], contrast: 1, rotated: false }, { colour: true });
}
