/**
 * Signs that are not seen and turn the direction of the text after them (UAX #9 section 2): in a
 * name they would have an id beside it, or the line that it stands in, read as another.
 */
const DIRECTION_SIGNS = /\p{Bidi_Control}/gu;

/** @param place default: nothing takes the place of one */
export const withoutDirectionSigns = (text: string, place = ''): string =>
  text.replace(DIRECTION_SIGNS, place);
