/** The readable transcript of the story: numbered scenes, remarks, commands and pictures. */
export interface Transcript {
  /** A numbered headline. */
  scene(title: string): void;
  /** A sentence for the reader. */
  say(text: string): void;
  /** What went over the wire, and what came back. */
  exchange(request: string, answer: string): void;
  /** Lines drawn as they are, indented. */
  picture(lines: readonly string[]): void;
  /** A command that the reader can type. */
  command(text: string): void;
}

export interface TranscriptOptions {
  /** Columns to fold sentences at. Default 78. */
  readonly columns?: number;
}

const SGR = { bold: '1', dim: '2', good: '32', bad: '33', command: '36' } as const;
const REFUSED = /wrongCode|replayed|throttled|locked/;

/** @param write gets text with colour escapes; who wants none strips them */
export function createTranscript(
  write: (text: string) => void,
  { columns = 78 }: TranscriptOptions = {},
): Transcript {
  const paint = (style: keyof typeof SGR, text: string) => `\u001b[${SGR[style]}m${text}\u001b[0m`;
  let scenes = 0;
  return {
    scene(title) {
      scenes += 1;
      write(`\n${paint('bold', `${scenes}. ${title}`)}\n`);
    },
    say(text) {
      for (const line of fold(text, columns - 3)) write(`   ${line}\n`);
    },
    exchange(request, answer) {
      const style = REFUSED.test(answer) ? 'bad' : 'good';
      for (const line of splitRequest(request, columns - 3)) write(`   ${paint('dim', line)}\n`);
      write(`      ${paint('dim', '->')} ${paint(style, answer)}\n`);
    },
    picture(lines) {
      for (const line of lines) write(`      ${line}\n`);
    },
    command(text) {
      write(`   ${paint('command', text)}\n`);
    },
  };
}

/** A request that is too long for one line has its body on a second. */
function splitRequest(request: string, columns: number): string[] {
  const body = request.indexOf(' {');
  if (request.length <= columns || body < 0) return [request];
  return [request.slice(0, body), `    ${request.slice(body + 1)}`];
}

/** Folds at spaces; a word longer than a line stands alone. */
function fold(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}
