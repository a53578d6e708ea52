/** Longest line of an export that is read: an entry is well below a tenth of it. Characters. */
export const EXPORT_LINE_CHARACTERS_MAX = 256 * 1024;

/**
 * Lines of a text that arrives piecewise, without their ends. What is too long for a line comes as
 * a line that is not one, so that nothing grows without bounds.
 */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let rest = '';
  for await (const piece of pieces) {
    const [first = '', ...others] = decoder.decode(piece, { stream: true }).split('\n');
    rest += first;
    for (const next of others) {
      yield rest;
      rest = next;
    }
    if (rest.length > EXPORT_LINE_CHARACTERS_MAX) {
      yield '';
      return;
    }
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
