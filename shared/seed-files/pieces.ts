/** Characters a piece: few pieces for whoever sends them, little memory for whoever holds one. */
const PIECE_CHARACTERS = 32_768;

/** What writers take: entries in memory, or as they come out of a store. */
export type Entries<T> = Iterable<T> | AsyncIterable<T>;

/** The texts joined to pieces of about 32 KiB, the last one excepted. */
export async function* inPieces(texts: AsyncIterable<string>): AsyncGenerator<string, void> {
  let piece = '';
  for await (const text of texts) {
    piece += text;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
