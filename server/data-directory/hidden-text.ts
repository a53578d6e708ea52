/**
 * A text that no dump, log or JSON of what holds it shows: a master key from the environment.
 */
export class HiddenText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }
}
