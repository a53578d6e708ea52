/** A picture on a terminal that is drawn again and again in the same place. */
export interface Screen {
  readonly enter: string;
  readonly leave: string;
  /** What to write so that these lines stand there, and nothing of the picture before. */
  show(lines: readonly string[]): string;
}

/** Control sequences of ECMA-48 and xterm. */
const ESCAPE = '\u001b';
const CURSOR = { hide: `${ESCAPE}[?25l`, show: `${ESCAPE}[?25h` } as const;
const OTHER_SCREEN = { enter: `${ESCAPE}[?1049h`, leave: `${ESCAPE}[?1049l` } as const;
const HOME = `${ESCAPE}[H`;
const CLEAR_ALL = `${ESCAPE}[2J`;
const CLEAR_LINE_END = `${ESCAPE}[K`;
const CLEAR_BELOW = `${ESCAPE}[J`;
const up = (rows: number): string => (rows > 0 ? `${ESCAPE}[${rows}A` : '');

/**
 * @param inline where the cursor stands, so that what is above stays in sight; otherwise on the
 * terminal's other screen, as editors do
 */
export function createScreen({ inline }: { readonly inline: boolean }): Screen {
  return inline ? createInlineScreen() : createOtherScreen();
}

function createOtherScreen(): Screen {
  return {
    enter: OTHER_SCREEN.enter + CURSOR.hide + CLEAR_ALL,
    leave: CURSOR.show + OTHER_SCREEN.leave,
    show: (lines) => HOME + pictureOf(lines),
  };
}

function createInlineScreen(): Screen {
  let cursorRow = 0;
  return {
    enter: `\r\n${CURSOR.hide}`,
    leave: `${CURSOR.show}\r\n`,
    show(lines) {
      const back = `${up(cursorRow)}\r`;
      cursorRow = lines.length - 1;
      return back + pictureOf(lines);
    },
  };
}

function pictureOf(lines: readonly string[]): string {
  return lines.map((line) => line + CLEAR_LINE_END).join('\r\n') + CLEAR_BELOW;
}
