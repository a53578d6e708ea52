type Encoding = 'base64url' | 'latin1' | 'utf8';

/** What is longer is rare, and gets a buffer of its own. Characters; at most three bytes each. */
const CHARACTERS_MAX = 512;
const PLACE_BYTES = 3 * CHARACTERS_MAX;

/**
 * Texts as bytes, all in one place: good until the next, for whoever reads them at once and keeps
 * none. A new buffer a text costs more than the text, and its parts as much again.
 *
 * @param view what is made of the bytes: once for each length, for the place is always the same
 */
export function createPlace<View>(
  encoding: Encoding,
  view: (bytes: Buffer) => View,
): (text: string) => View {
  const place = Buffer.alloc(PLACE_BYTES);
  const views = new Map<number, View>();
  return (text) => {
    if (text.length > CHARACTERS_MAX) return view(Buffer.from(text, encoding));
    const length = place.write(text, encoding);
    const known = views.get(length);
    if (known !== undefined) return known;
    const made = view(place.subarray(0, length));
    views.set(length, made);
    return made;
  };
}
