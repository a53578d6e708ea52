/** Where mail is sent to: taken from people, and given to a mail server, by one rule. */

/** RFC 5321 section 4.5.3.1: a path has at most 256 octets, two of them its brackets. */
export const MAIL_ADDRESS_CHARACTERS_MAX = 254;

/** One address, without a name: what stands between the angle brackets. */
export const MAIL_ADDRESS = /^[^\s\p{C}<>(),;:"@\\]{1,64}@[^\s\p{C}<>(),;:"@\\]{1,253}$/u;

export const isMailAddress = (text: string): boolean => MAIL_ADDRESS.test(text);
