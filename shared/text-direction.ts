/**
 * Signs that are not seen and turn the direction of the text after them (UAX #9 section 2): in a
 * name they would have an id beside it, or the line that it stands in, read as another.
 */
const DIRECTION_SIGNS = /\p{Bidi_Control}/gu;

export const withoutDirectionSigns = (text: string): string => text.replace(DIRECTION_SIGNS, '');

/** They are seen, and turn nothing: each as U+FFFD. */
export const withDirectionSignsShown = (text: string): string =>
  text.replace(DIRECTION_SIGNS, '\uFFFD');
