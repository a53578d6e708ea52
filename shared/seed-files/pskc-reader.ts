import type { SaxesTagNS } from 'saxes';
import type { FobtwinError } from '../errors.ts';
import type { Pbkdf2Parameters, SeedFileCrypto } from './crypto.ts';
import { type OnEntry, type OnRefused, SEED_FILE_LIMITS, type SeedFileParser } from './entry.ts';
import type { SeedFileKey } from './key.ts';
import { type MacMethod, ValueOpener } from './pskc-cipher.ts';
import { checkKeyKind, readDerivation, readMacMethod } from './pskc-container.ts';
import { openData } from './pskc-data.ts';
import {
  CONTAINER_ELEMENTS,
  canonicalName,
  DERIVATION,
  type ElementUse,
  ENCRYPTION_KEY,
  isOfEncryption,
  LOWER_CASE_ROOT,
  MAC_METHOD,
  PACKAGE_ELEMENTS,
  PSKC_NAMESPACE,
  placeName,
  REPEATABLE_ELEMENTS,
} from './pskc-elements.ts';
import { readKeyPackage, readPackageSerial, serialPlace } from './pskc-package.ts';
import { type ElementsText, first } from './pskc-text.ts';
import { readOrPassOver, unlessRefused } from './refused.ts';
import { createSerialRegister, type Place, refusal } from './values.ts';
import { ATTRIBUTES_MAX, XmlFeed } from './xml-feed.ts';

const PACKAGE_PATH = 'KeyContainer/KeyPackage';
const MUST_WAIT = 'ready() must be awaited after each write()';

export interface PskcOptions {
  readonly key?: SeedFileKey;
  readonly crypto?: SeedFileCrypto;
  readonly onRefused?: OnRefused;
}

/** An element that is open. */
interface OpenElement {
  readonly path: string;
  readonly use: ElementUse;
}

/** The KeyPackage that is open; its first fault, where its caller takes what can be had. */
type OpenPackage = ElementsText & { readonly name: string; fault?: FobtwinError };

/** The state of one file being read; `createPskcParser` says what it promises. */
export class PskcReader implements SeedFileParser {
  readonly #onEntry: OnEntry;
  readonly #options: PskcOptions;
  readonly #xml: XmlFeed;
  readonly #register = createSerialRegister();
  readonly #open: OpenElement[] = [];
  readonly #container: ElementsText = { name: undefined, line: 1, elements: new Map() };
  #package: OpenPackage | undefined;
  #seen = new Set<string>();
  readonly #seenOutside = this.#seen;
  #packages = 0;
  #lowerCase = false;
  #mac: MacMethod | undefined;
  #opener: ValueOpener | undefined;
  /** The key is to be derived so before anything more can be read. */
  #derivation: Pbkdf2Parameters | undefined;
  /** What came while waiting. */
  #held = '';

  constructor(onEntry: OnEntry, options: PskcOptions) {
    this.#onEntry = onEntry;
    this.#options = options;
    this.#xml = new XmlFeed({
      open: (tag) => this.#openElement(tag),
      text: (text) => this.#addText(text),
      close: () => this.#closeElement(),
      place: () => this.#place(),
      outerName: () => this.#package?.name,
      stepwise: () => this.#packages === 0,
      waiting: () => this.#derivation !== undefined,
    });
  }

  write(text: string): void {
    if (this.#derivation !== undefined) throw new Error(MUST_WAIT);
    this.#held = this.#xml.write(text);
  }

  async ready(): Promise<void> {
    const { crypto } = this.#options;
    if (this.#derivation === undefined || crypto === undefined) return;
    const key = await crypto.pbkdf2(this.#derivation);
    this.#derivation = undefined;
    this.#opener = new ValueOpener(key, this.#mac, crypto);
    const held = this.#held;
    this.#held = '';
    this.write(held);
  }

  end(): void {
    if (this.#derivation !== undefined) throw new Error(MUST_WAIT);
    this.#xml.end();
    if (this.#packages === 0) {
      const place = { field: 'KeyPackage', line: this.#xml.line };
      throw refusal(place, 'required', 'there is no KeyPackage in the file');
    }
  }

  #openElement(tag: SaxesTagNS): void {
    const parent = this.#open[this.#open.length - 1];
    if (parent === undefined) this.#openContainer(tag);
    const element = this.#classify(tag, parent);
    if (element.path === PACKAGE_PATH && element.use === 'branch') this.#beginPackages();
    this.#open.push(element);
    if (element.path === PACKAGE_PATH) this.#openPackage();
    if (element.use === 'policy' || element.use === 'foreignKey') this.#refuseUse(element);
    else if (element.path !== PACKAGE_PATH && element.use !== 'ignored') this.#keep(element, tag);
  }

  #openContainer(tag: SaxesTagNS): void {
    const line = this.#xml.line;
    this.#lowerCase = tag.local === LOWER_CASE_ROOT;
    if (tag.uri !== PSKC_NAMESPACE || this.#nameOf(tag.local) !== 'KeyContainer') {
      const what = 'the file is no PSKC file, whose first element is KeyContainer of RFC 6030';
      throw refusal({ field: `line ${line}`, line }, 'malformed', what);
    }
    if (tag.attributes[this.#lowerCase ? 'version' : 'Version']?.value.trim() !== '1.0') {
      const place = { field: 'KeyContainer/Version', line };
      throw refusal(place, 'unsupported', 'only Version 1.0 of PSKC is read');
    }
  }

  #nameOf(name: string): string {
    return this.#lowerCase ? canonicalName(name) : name;
  }

  #classify(tag: SaxesTagNS, parent: OpenElement | undefined): OpenElement {
    const path = this.#pathOf(this.#nameOf(tag.local), parent);
    if (parent?.use === 'ignored' || this.#package?.fault !== undefined) {
      return { path, use: 'ignored' };
    }
    const ofEncryption = parent !== undefined && isOfEncryption(parent.path);
    // Other namespaces extend the file (RFC 6030 section 7); nothing of them is understood here.
    if (tag.uri !== PSKC_NAMESPACE && parent?.use === 'branch' && !ofEncryption) {
      const { path: home } = parent;
      return home === 'Key/Policy' ? { path: home, use: 'policy' } : { path, use: 'ignored' };
    }
    const table = this.#package === undefined ? CONTAINER_ELEMENTS : PACKAGE_ELEMENTS;
    const use = tag.uri === PSKC_NAMESPACE || ofEncryption ? table.get(path) : undefined;
    // privacyIDEA fills these with what is no integer; nothing depends on them.
    if (this.#lowerCase && /^Key\/Data\/Time(Drift)?$/.test(path)) return { path, use: 'ignored' };
    if (use !== undefined) return { path, use };
    const what = 'it holds an element that has no place in it';
    this.#refuseToken(refusal(this.#place(), 'unknownField', what));
    return { path, use: 'ignored' };
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
      const what = `a file has at most ${SEED_FILE_LIMITS.entries} tokens`;
      throw refusal(this.#place(), 'tooMany', what);
    }
  }

  /** With the first KeyPackage it is known whether the file has a key, and which. */
  #beginPackages(): void {
    const { key, crypto } = this.#options;
    if (this.#packages > 0 || key === undefined) return;
    if (crypto === undefined) throw new Error('a key was handed in without cryptography');
    if (key.kind === 'key') {
      this.#opener = new ValueOpener(key.bytes, this.#mac, crypto);
      return;
    }
    if (first(this.#container, DERIVATION) === undefined) {
      const place = { field: 'EncryptionKey', line: this.#xml.line };
      throw refusal(place, 'notAllowed', 'a passphrase was given, and the file asks for none');
    }
    this.#derivation = readDerivation(this.#container, key.text);
  }

  #keep(element: OpenElement, tag: SaxesTagNS): void {
    const { path, use } = element;
    if (this.#seen.has(path) && !REPEATABLE_ELEMENTS.has(path)) {
      const what = path === 'Key' ? 'a KeyPackage holds exactly one Key' : 'it stands there twice';
      this.#refuseToken(refusal(this.#place(), 'tooMany', what));
      return;
    }
    this.#seen.add(path);
    if (use === 'value' || use === 'attributes') this.#keepElement(path, tag);
  }

  #keepElement(path: string, tag: SaxesTagNS): void {
    const attributes = new Map<string, string>();
    for (const { local, prefix, value } of Object.values(tag.attributes)) {
      if (value.length > SEED_FILE_LIMITS.fieldCharacters) throw this.#xml.tooLong();
      if (prefix === '') attributes.set(this.#nameOf(local), value);
    }
    const { elements } = this.#package ?? this.#container;
    const kept = elements.get(path) ?? [];
    // Only repeatable elements come a second time; more of them than this say nothing new.
    if (kept.length >= ATTRIBUTES_MAX) throw refusal(this.#place(), 'tooMany', 'it repeats');
    kept.push({ line: this.#xml.line, attributes, text: '' });
    elements.set(path, kept);
  }

  #addText(text: string): void {
    const element = this.#open[this.#open.length - 1];
    if (element === undefined || element.use === 'ignored') return;
    if (this.#package?.fault !== undefined) return;
    if (element.use === 'value') {
      const kept = (this.#package ?? this.#container).elements.get(element.path)?.at(-1);
      if (kept === undefined) return;
      kept.text += text;
      if (kept.text.length > SEED_FILE_LIMITS.fieldCharacters)
        this.#refuseToken(this.#xml.tooLong());
    } else if (text.trim() !== '') {
      throw refusal(this.#place(), 'malformed', 'there is text where only elements may stand');
    }
  }

  #closeElement(): void {
    const element = this.#open[this.#open.length - 1];
    const keyPackage = this.#package;
    if (element?.path === PACKAGE_PATH && keyPackage !== undefined) {
      this.#readPackage(keyPackage);
      this.#package = undefined;
      this.#seen = this.#seenOutside;
    } else if (keyPackage === undefined && element !== undefined) {
      this.#closeOutside(element.path);
    }
    this.#open.pop();
  }

  #closeOutside(path: string): void {
    if (path !== ENCRYPTION_KEY && path !== MAC_METHOD) return;
    if (this.#packages > 0) {
      const place = { field: placeName(path), line: this.#xml.line };
      throw refusal(place, 'notAllowed', 'it stands after a KeyPackage, which it should precede');
    }
    if (path === ENCRYPTION_KEY) checkKeyKind(this.#container, this.#options.key);
    else this.#mac = readMacMethod(this.#container);
  }

  #readPackage(keyPackage: OpenPackage): void {
    const read = () => {
      if (keyPackage.fault !== undefined) throw keyPackage.fault;
      const entry = readKeyPackage(keyPackage, opened);
      this.#register(entry.serial, serialPlace(keyPackage), keyPackage.name);
      return entry;
    };
    // What does not open is never one token's own fault: the file was changed, or the key is wrong.
    const opened =
      keyPackage.fault === undefined ? openData(keyPackage, this.#opener) : new Map<never, never>();
    const entry = readOrPassOver(read, this.#packages, {
      onRefused: this.#options.onRefused,
      serial: () => unlessRefused(() => readPackageSerial(keyPackage)),
    });
    if (entry !== undefined) this.#onEntry(entry);
  }

  /** A fault of one token: where others are to be had nevertheless, the rest of it is skipped. */
  #refuseToken(error: FobtwinError): void {
    if (this.#package === undefined || this.#options.onRefused === undefined) throw error;
    this.#package.fault ??= error;
  }

  #refuseUse({ path, use }: OpenElement): void {
    if (use === 'policy') {
      const what = 'the policy limits the key in a way that this version cannot keep';
      this.#refuseToken(refusal(this.#place(), 'unsupported', what));
      return;
    }
    const place = { field: placeName(path), line: this.#xml.line };
    const next = 'Ask its supplier for a file that is encrypted under a key or a passphrase.';
    throw refusal(place, 'unsupported', 'only keys and passphrases open a file', next);
  }

  /** Where the parser stands, as a refusal names it. */
  #place(): Place {
    const line = this.#xml.line;
    const keyPackage = this.#package;
    const element = this.#open[this.#open.length - 1];
    if (keyPackage === undefined || element === undefined) return { field: `line ${line}`, line };
    const inside = element.path !== PACKAGE_PATH && element.use !== 'ignored';
    const field = inside ? `${keyPackage.name}/${placeName(element.path)}` : keyPackage.name;
    return { field, line };
  }
}
