/** As many words as a command may have. */
const WORDS_MAX = 100;

/** Words, single-quoted and double-quoted parts; whatever none of them takes is wrong. */
const PART =
  /(?<space>\s+)|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\["\\])*)"|(?<plain>[^\s'"]+)/y;

/**
 * The words of a command line that no shell sees: they are parted by white space; what stands
 * between single quotes is taken as it is, and between double quotes too but for `\"` and `\\`.
 * Nothing is expanded: no variable, no `~`, no `*`, no `|`.
 *
 * @returns the program and its arguments; undefined when there are none, or a quote is not closed
 */
export function commandWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let place = 0;
  while (place < text.length) {
    PART.lastIndex = place;
    const match = PART.exec(text);
    if (match?.groups === undefined) return undefined;
    place = PART.lastIndex;
    const { space, single, double, plain } = match.groups;
    if (space === undefined) {
      word = (word ?? '') + (single ?? double?.replace(/\\(["\\])/g, '$1') ?? plain ?? '');
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (word !== undefined) words.push(word);
  const isCommand = words.length > 0 && words.length <= WORDS_MAX && words[0] !== '';
  return isCommand ? words : undefined;
}
