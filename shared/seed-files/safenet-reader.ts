import type { SaxesTagNS } from 'saxes';
import type { FobtwinError } from '../errors.ts';
import type { Algorithm, Serial } from '../types.ts';
import {
  type OnEntry,
  type OnRefused,
  SEED_FILE_LIMITS,
  type SeedFileEntry,
  type SeedFileParser,
} from './entry.ts';
import { decodeHex } from './hex.ts';
import { readOrPassOver, unlessRefused } from './refused.ts';
import {
  createSerialRegister,
  type Place,
  readCounter,
  readLabel,
  readSeed,
  readSerial,
  refusal,
} from './values.ts';
import { XmlFeed } from './xml-feed.ts';

/** What is read of a Token; everything else stands in the file for other programs. */
const APPLICATION = 'Tokens/Token/Applications/Application';
const SEED = `${APPLICATION}/Seed`;
const MOVING_FACTOR = `${APPLICATION}/MovingFactor`;
const PRODUCT_NAME = 'Tokens/Token/ProductName';
const TOKEN = 'Tokens/Token';
const VALUES: ReadonlySet<string> = new Set([SEED, MOVING_FACTOR, PRODUCT_NAME]);

/** One Token as text. */
interface TokenText {
  /** `Token 3`. */
  readonly name: string;
  readonly line: number;
  readonly serial: string;
  readonly texts: Map<string, string>;
  fault?: FobtwinError;
}

/** The state of one file being read; `createSafenetParser` says what it promises. */
export class SafenetReader implements SeedFileParser {
  readonly #onEntry: OnEntry;
  readonly #onRefused: OnRefused | undefined;
  readonly #xml: XmlFeed;
  readonly #register = createSerialRegister();
  readonly #open: string[] = [];
  #token: TokenText | undefined;
  #tokens = 0;

  constructor(onEntry: OnEntry, onRefused: OnRefused | undefined) {
    this.#onEntry = onEntry;
    this.#onRefused = onRefused;
    this.#xml = new XmlFeed({
      open: (tag) => this.#openElement(tag),
      text: (text) => this.#addText(text),
      close: () => this.#closeElement(),
      place: () => this.#place(),
      outerName: () => this.#token?.name,
    });
  }

  write(text: string): void {
    this.#xml.write(text);
  }

  end(): void {
    this.#xml.end();
    if (this.#tokens > 0) return;
    const place = { field: 'Token', line: this.#xml.line };
    throw refusal(place, 'required', 'there is no Token in the file');
  }

  #openElement(tag: SaxesTagNS): void {
    const parent = this.#open[this.#open.length - 1];
    const path = parent === undefined ? tag.local : `${parent}/${tag.local}`;
    if (parent === undefined && path !== 'Tokens') {
      const place = { field: `line ${this.#xml.line}`, line: this.#xml.line };
      throw refusal(place, 'malformed', 'the file does not begin with the element Tokens');
    }
    this.#open.push(path);
    if (path === TOKEN) this.#openToken(tag);
    if (VALUES.has(path)) this.#openValue(path);
  }

  #openToken(tag: SaxesTagNS): void {
    this.#tokens += 1;
    const serial = tag.attributes['serial']?.value ?? '';
    const line = this.#xml.line;
    this.#token = { name: `Token ${this.#tokens}`, line, serial, texts: new Map() };
    if (this.#tokens <= SEED_FILE_LIMITS.entries) return;
    const what = `a file has at most ${SEED_FILE_LIMITS.entries} tokens`;
    throw refusal(this.#place(), 'tooMany', what);
  }

  /** Of several applications on a token it is not said which one makes its codes. */
  #openValue(path: string): void {
    const token = this.#token;
    if (token === undefined || token.fault !== undefined) return;
    if (token.texts.has(path)) {
      this.#refuseToken(token, refusal(this.#place(), 'tooMany', 'it stands there twice'));
    } else {
      token.texts.set(path, '');
    }
  }

  #addText(text: string): void {
    const path = this.#open[this.#open.length - 1] ?? '';
    const token = this.#token;
    const before = token?.texts.get(path);
    if (token === undefined || before === undefined || token.fault !== undefined) return;
    if (before.length + text.length > SEED_FILE_LIMITS.fieldCharacters) {
      this.#refuseToken(token, this.#xml.tooLong());
    } else {
      token.texts.set(path, before + text);
    }
  }

  #closeElement(): void {
    const token = this.#token;
    if (this.#open.pop() !== TOKEN || token === undefined) return;
    this.#token = undefined;
    const read = () => {
      if (token.fault !== undefined) throw token.fault;
      const entry = readToken(token);
      this.#register(entry.serial, placeIn(token, 'Serial'), token.name);
      return entry;
    };
    const entry = readOrPassOver(read, this.#tokens, {
      onRefused: this.#onRefused,
      serial: () => unlessRefused(() => readTokenSerial(token)),
    });
    if (entry !== undefined) this.#onEntry(entry);
  }

  #refuseToken(token: TokenText, error: FobtwinError): void {
    if (this.#onRefused === undefined) throw error;
    token.fault = error;
  }

  #place(): Place {
    const line = this.#xml.line;
    const token = this.#token;
    if (token === undefined) return { field: `line ${line}`, line };
    const path = this.#open[this.#open.length - 1] ?? '';
    const field = VALUES.has(path) ? `${token.name}/${nameOf(path)}` : token.name;
    return { field, line };
  }
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const placeIn = ({ name, line }: TokenText, field: string): Place => ({
  field: `${name}/${field}`,
  line,
});

const readTokenSerial = (token: TokenText): Serial =>
  readSerial(token.serial, placeIn(token, 'Serial'));

function readToken(token: TokenText): SeedFileEntry {
  const text = (path: string): string => token.texts.get(path)?.trim() ?? '';
  const seedPlace = placeIn(token, 'Seed');
  const seedText = text(SEED);
  if (seedText === '') throw refusal(seedPlace, 'required', 'there is no Seed');
  const seed = readSeed(decodeHex(seedText), 'hexadecimal', seedPlace);
  const factor = text(MOVING_FACTOR);
  const model = readLabel(text(PRODUCT_NAME), placeIn(token, 'ProductName'));
  return {
    serial: readTokenSerial(token),
    seed,
    parameters: { type: 'event', algorithm: algorithmOf(seed), digits: 6 },
    nextCounter: factor === '' ? 0 : readCounter(factor, placeIn(token, 'MovingFactor')),
    ...(model === undefined ? {} : { model }),
  };
}

/** A seed of 32 bytes is one of SHA-256, as both readers that this follows have it. */
function algorithmOf(seed: Uint8Array): Algorithm {
  return seed.length === 32 ? 'SHA256' : 'SHA1';
}
