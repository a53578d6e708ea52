import type { FaultName, State } from '../../firmware-spec/vocabulary.ts';
import { invalidInput } from '../../shared/errors.ts';
import { createOtp } from '../../shared/otp.ts';
import { TIME_MAX } from '../../shared/time.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { type Cell, cellOf } from '../device/cell.ts';
import * as button from '../device/device.ts';
import * as fault from '../device/faults/inject.ts';
import { freshMoment } from '../device/fresh.ts';
import { drawLcd } from '../device/lcd-text.ts';
import type { Device, DeviceEnv, Fault, Reading } from '../device/types.ts';
import { staleCodeOf, wrongCodeOf } from './codes.ts';
import { type EnrolledOptions, optionsOf } from './enrolled.ts';
import { describeFault, type FaultDescription, type FaultOptions } from './faults.ts';
import type { FreshOptions } from './fresh.ts';
import { portableCrypto } from './hmac.ts';
import { checkOptions } from './known-options.ts';
import { type MakeOptions, makeDevice, readSeed } from './making.ts';
import { formatSaved, readSaved } from './saved.ts';
import { type Picture, type PictureOptions, takePicture } from './screenshot.ts';
import { formatSeedFile, type SeedFileOptions } from './seed-file.ts';
import { segmentLetters } from './segments.ts';
import { HOLD_MILLIS_MAX, type Moment, readMoment, readSpan, type Span } from './times.ts';

/** What the methods take and give, for who names it in a program of their own. */
export type { FaultName, ProfileName, State } from '../../firmware-spec/vocabulary.ts';
export type { Cell } from '../device/cell.ts';
export type { Fault, Frame, Reading } from '../device/types.ts';
export type { FaultDescription, FaultOptions } from './faults.ts';
export type { FreshOptions } from './fresh.ts';
export type { MakeOptions } from './making.ts';
export type { PictureOptions } from './screenshot.ts';
export type { SeedFileOptions } from './seed-file.ts';
export type { Moment, Span } from './times.ts';

const ENTRY = /^[0-9]{1,32}$/;

export interface PressOptions {
  /** How long the button is held: `'6s'`. Default: let go at once. */
  readonly hold?: Span;
}

/**
 * One emulated token, for a test suite. Its time moves only when it is told to, and it reads no
 * clock, file or network: what it does follows from its options and what is done to it.
 *
 * @example
 * const token = Token.make({ at: '2026-01-01T00:00:00Z' });
 * server.enrol(token.seedFile({ format: 'otpauth' }));
 * token.press();
 * await page.fill('#code', token.display);
 */
export class Token {
  #device: Device;
  readonly #env: DeviceEnv;
  #reading: Reading | undefined;

  private constructor(device: Device, crypto: MakeOptions['crypto']) {
    this.#device = device;
    this.#env = { otp: createOtp(crypto ?? portableCrypto) };
  }

  /** @throws FobtwinError `invalidInput` naming the option at fault */
  static make(options: MakeOptions = {}): Token {
    return new Token(makeDevice(options), options.crypto);
  }

  /**
   * The token that a server gave out as an `otpauth://` address, as its enrolment page shows it.
   * Its serial is the address's label; where that is none (an e-mail address), give `serial`.
   *
   * @throws FobtwinError `invalidInput` naming the part of the address that is at fault
   */
  static fromOtpauth(address: string, options: EnrolledOptions = {}): Token {
    return Token.make(optionsOf(address, options));
  }

  /** What `save` wrote. @throws FobtwinError `invalidInput` naming the member that is damaged */
  static restore(saved: string, options: Pick<MakeOptions, 'crypto'> = {}): Token {
    return new Token(readSaved(saved), options.crypto);
  }

  /** What a fault is: its attributes, what the person sees of it and what a server will see. */
  static describeFault(name: FaultName): FaultDescription {
    return describeFault(name);
  }

  get serial(): string {
    return this.#device.serial;
  }

  /** True time, in milliseconds since 1970. Moved by `advance` and `moveTo` only. */
  get at(): number {
    return this.#device.state.asOf;
  }

  /** What the display says, read off its segments as an eye would; empty while it is dark. */
  get display(): string {
    return this.#read().display;
  }

  /**
   * The segments that can be seen, a cell each, left to right: `'abdeg'` is a 2, `''` is dark.
   * Letters as data sheets have them, in the order of the alphabet.
   */
  get segments(): readonly string[] {
    return segmentLetters(this.#read().frame);
  }

  get state(): State {
    return this.#device.state.state;
  }

  /** What the seed gives, whatever the display makes of it; null unless a code shows. */
  get code(): string | null {
    return this.#read().code;
  }

  /** Milliseconds until what shows is replaced or goes dark; null when nothing will. */
  get remainingMillis(): number | null {
    return this.#read().remainingMillis;
  }

  /** Everything that can be known of the token now: frame, icons, contrast and what is above. */
  get reading(): Reading {
    return this.#read();
  }

  /** Ambient temperature, degrees Celsius. */
  get celsius(): number {
    return this.#device.state.celsius;
  }

  /** The cell as a press would find it now. */
  get cell(): Cell {
    return cellOf(this.#device);
  }

  /** By how much its own clock is ahead of true time, in milliseconds; negative when it is late. */
  get offsetMillis(): number {
    return this.#device.state.offsetMillis;
  }

  /** Event tokens: the counter of the next code. Time tokens: 0. */
  get counter(): number {
    return this.#device.state.counter;
  }

  /** How often it has been pressed. */
  get presses(): number {
    return this.#device.state.presses;
  }

  /** What is wrong with it now. */
  get faults(): readonly Fault[] {
    return this.#device.faults;
  }

  /** Presses the button and lets it go; a hold takes its time. */
  press(options: PressOptions = {}): this {
    checkOptions(options, { hold: true });
    const holdMillis = readSpan(options.hold ?? 0, 'hold', HOLD_MILLIS_MAX);
    const until = this.#now() + holdMillis;
    this.#become(button.press(this.#device, this.#now(), this.#env, { holdMillis }));
    // The device itself moves on only where the hold opened its menu.
    return until > this.#now() ? this.moveTo(until) : this;
  }

  /**
   * Waits, in its own time, until a press shows a code that it has not shown before and that has
   * `minRemaining` to live, and presses.
   */
  pressFresh(options: FreshOptions = {}): this {
    const minMillis = readSpan(options.minRemaining ?? 0, 'minRemaining');
    const to = freshMoment(this.#device, this.#device.state.asOf, minMillis);
    this.#become(button.advance(this.#device, to, this.#env));
    return this.press();
  }

  /**
   * Enters digits on the PIN pad and ends the entry: a PIN, or an unlock code. Models without a pad
   * refuse.
   *
   * @throws FobtwinError `invalidInput`, without repeating what was entered
   */
  enterPin(digits: string): this {
    if (!ENTRY.test(digits)) {
      throw invalidInput('digits', 'notDigits', 'An entry is 1 to 32 digits, as text');
    }
    const at = this.#now();
    let device = this.#device;
    for (const key of [...digits, 'enter']) {
      device = button.pressKey(device, at, key as button.PadKey, this.#env);
    }
    return this.#become(device);
  }

  /** Lets time pass: `'30s'`, `'400d'`, or milliseconds. */
  advance(span: Span): this {
    const millis = readSpan(span, 'span');
    return this.moveTo(Math.min(this.#now() + millis, TIME_MAX));
  }

  /**
   * Lets time pass until a moment; to the server's `new Date()`, say.
   *
   * @throws FobtwinError `invalidInput` for an earlier one: a token whose clock is wrong has the
   * fault `clockOffset`
   */
  moveTo(moment: Moment): this {
    const to = readMoment(moment, 'moment');
    if (to < this.#now()) {
      throw invalidInput('moment', 'tooSmall', 'Time does not go back', {
        nextStep: 'Inject `clockOffset` for a clock that is wrong, or make the token earlier.',
      });
    }
    return this.#become(button.advance(this.#device, to, this.#env));
  }

  setTemperature(celsius: number): this {
    const at = this.#now();
    return this.#become(button.setTemperature(this.#device, at, celsius, this.#env));
  }

  /**
   * Something goes wrong with it, until it is cleared. `Token.describeFault(name)` tells the
   * attributes; those left away have their defaults. A second one takes the place of the first of
   * its name.
   *
   * @throws FobtwinError `invalidInput` naming the attribute at fault, `notAllowedNow` where damage
   * is done for good; the token is as it was
   */
  inject(name: FaultName, attributes: Fault['attributes'] = {}, options: FaultOptions = {}): this {
    const order = { name, attributes, ...options };
    return this.#become(fault.inject(this.#device, this.#now(), order, this.#env));
  }

  /** @throws FobtwinError `invalidInput` where it has no such fault, `notAllowedNow` for damage */
  clear(name: FaultName): this {
    return this.#become(fault.clearFault(this.#device, this.#now(), name, this.#env));
  }

  /** Clears every fault that can be cleared: damage done for good (a lost seed) stays. */
  reset(): this {
    return this.#become(fault.resetFaults(this.#device, this.#now(), this.#env));
  }

  /** Programmes it anew: sets its clock right, and its seed or counter where given. */
  programme(given: { readonly seed?: Uint8Array | string; readonly counter?: number } = {}): this {
    const { seed, counter } = given;
    return this.#become(
      button.programme(this.#device, this.#now(), {
        ...(seed === undefined ? {} : { seed: readSeed(seed) }),
        ...(counter === undefined ? {} : { counter }),
      }),
    );
  }

  /**
   * Digits that this token shows at no moving factor within `steps` of now, either way: a mistyped
   * code, which a server refuses however wide it looks. Default 1000 steps, at most 10,000.
   */
  wrongCode({ steps = 1000 }: { readonly steps?: number } = {}): string {
    return wrongCodeOf(this.#device, this.#now(), steps, this.#env.otp);
  }

  /** The code of `steps` time steps, or presses, ago; 1 to 10,000. */
  staleCode(steps = 1): string {
    return staleCodeOf(this.#device, this.#now(), steps, this.#env.otp);
  }

  /** The seed and what goes with it, for a server to import: the seed is in the clear. */
  seedFile(options: SeedFileOptions): string {
    return formatSeedFile(this.#device, options);
  }

  /**
   * The token as it looks now: its LCD, or all of it from the front or the back. What draws it is
   * loaded when it is asked for.
   */
  async screenshot<const Options extends PictureOptions = { readonly format: 'png' }>(
    options?: Options,
  ): Promise<Picture<Options>> {
    return takePicture(this.#device, this.#read(), options);
  }

  /** The LCD in plain text, a few lines, for the message of an assertion. */
  draw(): string {
    const options = { colour: false, ascii: false, size: 'small' } as const;
    return drawLcd(this.#read().frame, options).join('\n');
  }

  /** All of it as JSON text, for `Token.restore`. The seed stands in it. */
  save(): string {
    return formatSaved(this.#device);
  }

  /** What a log may know: never the seed. */
  toJSON(): Readonly<Record<string, unknown>> {
    const { serial, at, state, display } = this;
    return { serial, profile: this.#device.profile.name, at, state, display };
  }

  toString(): string {
    return `${this.serial} (${this.state}) [${this.display}]`;
  }

  #now(): UnixMillis {
    return this.#device.state.asOf;
  }

  #become(device: Device): this {
    this.#device = device;
    this.#reading = undefined;
    return this;
  }

  #read(): Reading {
    this.#reading ??= button.read(this.#device, this.#now(), this.#env);
    return this.#reading;
  }
}
