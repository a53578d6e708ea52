/** Far more than any text that is read whole: metrics name no token and no account. */
const CHARACTERS_MAX = 1024 * 1024;

/**
 * A streamed reply as one text.
 *
 * @throws RangeError when it is longer than 1 MiB
 */
export async function readText(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of pieces) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > CHARACTERS_MAX) throw new RangeError('the reply is too long for a text');
  }
  return text + decoder.decode();
}
