import { SaxesParser, type SaxesTagNS } from 'saxes';
import type { FieldErrorCode, FobtwinError } from '../errors.ts';
import { SEED_FILE_LIMITS } from './entry.ts';
import { type Place, refusal } from './values.ts';

/** Characters that may pass without the XML parser having anything to report. */
const SILENCE_MAX = 65_536;
export const ATTRIBUTES_MAX = 32;
const PREDEFINED_ENTITIES = { amp: '&', gt: '>', lt: '<', quot: '"', apos: "'" };

/** A reader of one kind of XML file; whatever it is told may be refused by throwing. */
export interface XmlEvents {
  open(tag: SaxesTagNS): void;
  /** Text or CDATA, whole or a part; also white space around the root. */
  text(text: string): void;
  close(): void;
  /** Where the parser stands, as a refusal names it. */
  place(): Place;
  /** What a fault of the XML itself is named after: a token, or nothing outside of one. */
  outerName(): string | undefined;
  /** True: what follows is read tag by tag, so that `waiting` is asked after each. */
  stepwise?(): boolean;
  /** True: nothing more can be read now. */
  waiting?(): boolean;
}

/**
 * XML without DTD and without entities but its own five, in UTF-8, read from pieces of text in
 * bounded memory: everything has a limit, whether or not the reader is interested in it.
 */
export class XmlFeed {
  readonly #events: XmlEvents;
  readonly #xml = new SaxesParser({ xmlns: true });
  #depth = 0;
  #attributes = 0;
  #characters = 0;
  #lastReport = 0;
  #lastLine = 1;
  #ending = false;

  constructor(events: XmlEvents) {
    this.#events = events;
    // saxes' own table inherits from Object.prototype, where `&constructor;` would be found.
    this.#xml.ENTITIES = Object.assign(Object.create(null), PREDEFINED_ENTITIES);
    this.#xml.on('error', (error) => {
      throw this.#xmlRefusal(error);
    });
    this.#xml.on('doctype', () => {
      throw this.#doctypeRefusal();
    });
    this.#xml.on('xmldecl', ({ encoding = 'UTF-8' }) => this.#checkEncoding(encoding));
    this.#xml.on('opentagstart', () => {
      this.#attributes = 0;
    });
    this.#xml.on('attribute', () => this.#checkAttributes());
    this.#xml.on('opentag', (tag) => this.#open(tag));
    this.#xml.on('text', (text) => this.#text(text));
    this.#xml.on('cdata', (text) => this.#text(text));
    this.#xml.on('comment', () => this.#report());
    this.#xml.on('processinginstruction', () => this.#report());
    this.#xml.on('closetag', () => this.#close());
  }

  get line(): number {
    return this.#xml.line;
  }

  /** @returns what was left unread, since the reader waits */
  write(text: string): string {
    let start = 0;
    while (start < text.length && this.#events.waiting?.() !== true) {
      const end = this.#pieceEnd(text, start);
      this.#writePiece(text.slice(start, end));
      start = end;
    }
    return text.slice(start);
  }

  end(): void {
    this.#ending = true;
    this.#xml.close();
  }

  /** An element or attribute that is longer than any may be. */
  tooLong(): FobtwinError {
    const { fieldCharacters } = SEED_FILE_LIMITS;
    const what = `an element or attribute has at most ${fieldCharacters} characters`;
    return refusal(this.#events.place(), 'tooLong', what);
  }

  #pieceEnd(text: string, start: number): number {
    const longest = Math.min(text.length, start + SILENCE_MAX);
    if (this.#events.stepwise?.() !== true) return longest;
    const tagEnd = text.indexOf('>', start);
    return tagEnd === -1 || tagEnd >= longest ? longest : tagEnd + 1;
  }

  #writePiece(piece: string): void {
    this.#characters += piece.length;
    if (this.#characters > SEED_FILE_LIMITS.bytes) {
      const what = `a file has at most ${SEED_FILE_LIMITS.bytes} bytes`;
      throw refusal(this.#events.place(), 'tooLarge', what);
    }
    this.#xml.write(piece);
    // saxes keeps a tag, text or comment until it ends; this bounds what it can be made to keep.
    if (this.#characters - this.#lastReport > 2 * SILENCE_MAX) throw this.tooLong();
  }

  #report(): void {
    this.#lastReport = this.#characters;
    this.#lastLine = this.#xml.line;
  }

  #open(tag: SaxesTagNS): void {
    this.#report();
    if (this.#depth >= SEED_FILE_LIMITS.depth) {
      const what = `elements nest at most ${SEED_FILE_LIMITS.depth} deep`;
      throw refusal(this.#events.place(), 'tooLarge', what);
    }
    this.#depth += 1;
    this.#events.open(tag);
  }

  #text(text: string): void {
    // White space around the root; or other text, of which saxes is about to tell.
    if (this.#depth === 0) return;
    this.#report();
    this.#events.text(text);
  }

  #close(): void {
    this.#report();
    this.#events.close();
    this.#depth -= 1;
  }

  #checkEncoding(encoding: string): void {
    this.#report();
    if (/^(utf-?8|us-ascii)$/i.test(encoding)) return;
    throw refusal(this.#events.place(), 'unsupported', 'only files in UTF-8 are read');
  }

  #checkAttributes(): void {
    this.#report();
    this.#attributes += 1;
    if (this.#attributes <= ATTRIBUTES_MAX) return;
    const what = `an element has at most ${ATTRIBUTES_MAX} attributes`;
    throw refusal(this.#events.place(), 'tooMany', what);
  }

  #doctypeRefusal(): FobtwinError {
    const what = 'a document type declaration (DOCTYPE) is not allowed in a seed file';
    return refusal(this.#events.place(), 'doctype', what);
  }

  /** saxes' own message may repeat what the file says, so only what it amounts to is told. */
  #xmlRefusal(error: Error): FobtwinError {
    const message = error.message;
    if (message.endsWith('doctype declaration.')) return this.#doctypeRefusal();
    const [code, what] = this.#fault(message);
    // Of text outside the root saxes tells at its end, so its beginning is named.
    const outside = message.endsWith('outside of root node.');
    const line = outside ? this.#lastLine : this.#xml.line;
    return refusal({ field: this.#events.outerName() ?? `line ${line}`, line }, code, what);
  }

  #fault(message: string): [FieldErrorCode, string] {
    if (this.#ending) return ['truncated', 'the file ends before it is complete'];
    if (message.endsWith('undefined entity.')) {
      return ['entity', 'only the five entities that XML itself defines may be used'];
    }
    return ['malformed', 'the file is not well-formed XML'];
  }
}
