import { SaxesParser, type SaxesTagNS } from 'saxes';
import type { FieldErrorCode, FobtwinError } from '../errors.ts';
import { type OnEntry, SEED_FILE_LIMITS, type SeedFileParser } from './entry.ts';
import {
  CONTAINER_ELEMENTS,
  type ElementUse,
  PACKAGE_ELEMENTS,
  PSKC_NAMESPACE,
  placeName,
  REPEATABLE_ELEMENTS,
} from './pskc-elements.ts';
import { type KeyPackageText, readKeyPackage, serialPlace } from './pskc-package.ts';
import { createSerialRegister, type Place, refusal } from './values.ts';

/** Characters that may pass without the XML parser having anything to report. */
const SILENCE_MAX = 65_536;
const ATTRIBUTES_MAX = 32;
const PACKAGE_PATH = 'KeyContainer/KeyPackage';
const PREDEFINED_ENTITIES = { amp: '&', gt: '>', lt: '<', quot: '"', apos: "'" };

/** An element that is open. */
interface OpenElement {
  readonly path: string;
  readonly use: ElementUse;
}

/** The state of one file being read; `createPskcParser` says what it promises. */
export class PskcReader implements SeedFileParser {
  readonly #onEntry: OnEntry;
  readonly #xml = new SaxesParser({ xmlns: true });
  readonly #register = createSerialRegister();
  readonly #open: OpenElement[] = [];
  #package: KeyPackageText | undefined;
  #seen = new Set<string>();
  #packages = 0;
  #attributes = 0;
  #characters = 0;
  #lastReport = 0;
  #lastLine = 1;
  #ending = false;

  constructor(onEntry: OnEntry) {
    this.#onEntry = onEntry;
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
    this.#xml.on('opentag', (tag) => this.#openElement(tag));
    this.#xml.on('text', (text) => this.#addText(text));
    this.#xml.on('cdata', (text) => this.#addText(text));
    this.#xml.on('comment', () => this.#report());
    this.#xml.on('processinginstruction', () => this.#report());
    this.#xml.on('closetag', () => this.#closeElement());
  }

  write(text: string): void {
    for (let start = 0; start < text.length; start += SILENCE_MAX) {
      const piece = text.slice(start, start + SILENCE_MAX);
      this.#characters += piece.length;
      if (this.#characters > SEED_FILE_LIMITS.bytes) {
        throw refusal(
          this.#place(),
          'tooLarge',
          `a file has at most ${SEED_FILE_LIMITS.bytes} bytes`,
        );
      }
      this.#xml.write(piece);
      // saxes keeps a tag, text or comment until it ends; this bounds what it can be made to keep.
      if (this.#characters - this.#lastReport > 2 * SILENCE_MAX) throw this.#tooLong();
    }
  }

  end(): void {
    this.#ending = true;
    this.#xml.close();
    if (this.#packages === 0) {
      const place = { field: 'KeyPackage', line: this.#xml.line };
      throw refusal(place, 'required', 'there is no KeyPackage in the file');
    }
  }

  #report(): void {
    this.#lastReport = this.#characters;
    this.#lastLine = this.#xml.line;
  }

  #openElement(tag: SaxesTagNS): void {
    this.#report();
    if (this.#open.length >= SEED_FILE_LIMITS.depth) {
      const what = `elements nest at most ${SEED_FILE_LIMITS.depth} deep`;
      throw refusal(this.#place(), 'tooLarge', what);
    }
    const parent = this.#open[this.#open.length - 1];
    if (parent === undefined) this.#openContainer(tag);
    const element = this.#classify(tag, parent);
    this.#open.push(element);
    if (element.path === PACKAGE_PATH) this.#openPackage();
    if (element.use === 'encrypted' || element.use === 'policy') {
      throw this.#unsupported(element);
    }
    if (this.#package === undefined || element.use === 'ignored') return;
    this.#checkRepeat(element.path);
    if (element.use === 'value') this.#keepElement(element.path, tag);
  }

  #openContainer(tag: SaxesTagNS): void {
    const line = this.#xml.line;
    if (tag.uri !== PSKC_NAMESPACE || tag.local !== 'KeyContainer') {
      const what = 'the file is no PSKC file, whose first element is KeyContainer of RFC 6030';
      throw refusal({ field: `line ${line}`, line }, 'malformed', what);
    }
    if (tag.attributes['Version']?.value.trim() !== '1.0') {
      const place = { field: 'KeyContainer/Version', line };
      throw refusal(place, 'unsupported', 'only Version 1.0 of PSKC is read');
    }
  }

  #classify(tag: SaxesTagNS, parent: OpenElement | undefined): OpenElement {
    const path = this.#pathOf(tag.local, parent);
    // Other namespaces extend the file (RFC 6030 section 7); nothing of them is understood here.
    if (parent?.use === 'ignored') return { path, use: 'ignored' };
    if (tag.uri !== PSKC_NAMESPACE && parent?.use === 'branch') {
      const { path: home } = parent;
      return home === 'Key/Policy' ? { path: home, use: 'policy' } : { path, use: 'ignored' };
    }
    const table = this.#package === undefined ? CONTAINER_ELEMENTS : PACKAGE_ELEMENTS;
    const use = tag.uri === PSKC_NAMESPACE ? table.get(path) : undefined;
    if (use !== undefined) return { path, use };
    throw refusal(this.#place(), 'unknownField', 'it holds an element that has no place in it');
  }

  #pathOf(name: string, parent: OpenElement | undefined): string {
    if (parent === undefined || parent.path === PACKAGE_PATH) return name;
    return `${parent.path}/${name}`;
  }

  #openPackage(): void {
    this.#packages += 1;
    const name = `KeyPackage ${this.#packages}`;
    this.#package = { name, line: this.#xml.line, elements: new Map() };
    this.#seen = new Set();
    if (this.#packages > SEED_FILE_LIMITS.entries) {
      throw refusal(
        this.#place(),
        'tooMany',
        `a file has at most ${SEED_FILE_LIMITS.entries} tokens`,
      );
    }
  }

  #checkRepeat(path: string): void {
    if (this.#seen.has(path) && !REPEATABLE_ELEMENTS.has(path)) {
      const what = path === 'Key' ? 'a KeyPackage holds exactly one Key' : 'it stands there twice';
      throw refusal(this.#place(), 'tooMany', what);
    }
    this.#seen.add(path);
  }

  #keepElement(path: string, tag: SaxesTagNS): void {
    const attributes = new Map<string, string>();
    for (const { local, prefix, value } of Object.values(tag.attributes)) {
      if (value.length > SEED_FILE_LIMITS.fieldCharacters) throw this.#tooLong();
      if (prefix === '') attributes.set(local, value);
    }
    const kept = this.#package?.elements.get(path) ?? [];
    // Only repeatable elements come a second time; more of them than this say nothing new.
    if (kept.length >= ATTRIBUTES_MAX) throw refusal(this.#place(), 'tooMany', 'it repeats');
    kept.push({ line: this.#xml.line, attributes, text: '' });
    this.#package?.elements.set(path, kept);
  }

  #addText(text: string): void {
    const element = this.#open[this.#open.length - 1];
    // White space around the root; or other text, of which saxes is about to tell.
    if (element === undefined) return;
    this.#report();
    if (element.use === 'ignored') return;
    if (element.use === 'value' && element.path !== 'Key') {
      const kept = this.#package?.elements.get(element.path)?.at(-1);
      if (kept === undefined) return;
      kept.text += text;
      if (kept.text.length > SEED_FILE_LIMITS.fieldCharacters) throw this.#tooLong();
    } else if (text.trim() !== '') {
      throw refusal(this.#place(), 'malformed', 'there is text where only elements may stand');
    }
  }

  #closeElement(): void {
    this.#report();
    const element = this.#open[this.#open.length - 1];
    const keyPackage = this.#package;
    if (element?.path === PACKAGE_PATH && keyPackage !== undefined) {
      const entry = readKeyPackage(keyPackage);
      this.#register(entry.serial, serialPlace(keyPackage), keyPackage.name);
      this.#package = undefined;
      this.#onEntry(entry);
    }
    this.#open.pop();
  }

  /** Where the parser stands, as a refusal names it. */
  #place(): Place {
    const line = this.#xml.line;
    const keyPackage = this.#package;
    const element = this.#open[this.#open.length - 1];
    if (keyPackage === undefined || element === undefined) return { field: `line ${line}`, line };
    if (element.path === PACKAGE_PATH) return { field: keyPackage.name, line };
    const known = element.use !== 'ignored';
    return {
      field: known ? `${keyPackage.name}/${placeName(element.path)}` : keyPackage.name,
      line,
    };
  }

  #checkEncoding(encoding: string): void {
    this.#report();
    if (/^(utf-?8|us-ascii)$/i.test(encoding)) return;
    throw refusal(this.#place(), 'unsupported', 'only files in UTF-8 are read');
  }

  #checkAttributes(): void {
    this.#report();
    this.#attributes += 1;
    if (this.#attributes <= ATTRIBUTES_MAX) return;
    throw refusal(this.#place(), 'tooMany', `an element has at most ${ATTRIBUTES_MAX} attributes`);
  }

  #unsupported({ path, use }: OpenElement): FobtwinError {
    if (use === 'policy') {
      const what = 'the policy limits the key in a way that this version cannot keep';
      return refusal(this.#place(), 'unsupported', what);
    }
    const field = this.#package === undefined ? placeName(path) : this.#place().field;
    const what = 'the file is encrypted, and encrypted files are not read by this version';
    const next = 'Have it decrypted, or ask its supplier for a plain PSKC file.';
    return refusal({ field, line: this.#xml.line }, 'unsupported', what, next);
  }

  #tooLong(): FobtwinError {
    const { fieldCharacters } = SEED_FILE_LIMITS;
    const what = `an element or attribute has at most ${fieldCharacters} characters`;
    return refusal(this.#place(), 'tooLong', what);
  }

  #doctypeRefusal(): FobtwinError {
    const what = 'a document type declaration (DOCTYPE) is not allowed in a seed file';
    return refusal(this.#place(), 'doctype', what);
  }

  /** saxes' own message may repeat what the file says, so only what it amounts to is told. */
  #xmlRefusal(error: Error): FobtwinError {
    const message = error.message;
    if (message.endsWith('doctype declaration.')) return this.#doctypeRefusal();
    const [code, what] = this.#fault(message);
    // Of text outside the root saxes tells at its end, so its beginning is named.
    const outside = message.endsWith('outside of root node.');
    return refusal(this.#outerPlace(outside ? this.#lastLine : this.#xml.line), code, what);
  }

  #fault(message: string): [FieldErrorCode, string] {
    if (this.#ending) return ['truncated', 'the file ends before it is complete'];
    if (message.endsWith('undefined entity.')) {
      return ['entity', 'only the five entities that XML itself defines may be used'];
    }
    return ['malformed', 'the file is not well-formed XML'];
  }

  #outerPlace(line: number): Place {
    return { field: this.#package?.name ?? `line ${line}`, line };
  }
}
