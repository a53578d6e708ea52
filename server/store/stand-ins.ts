/** How many are known of one kind: they spread over many of the disk's blocks. */
const STAND_INS_MAX = 1024;

/** Ids of records of one kind that are there, in turn: what is read where one is missing. */
export class StandIns {
  readonly #ids: string[] = [];
  #oldest = 0;
  #next = 0;

  /** It was written: a beginning, where none has been read yet. */
  written(id: string): void {
    if (this.#ids.length < STAND_INS_MAX && this.#ids.at(-1) !== id) this.#ids.push(id);
  }

  /** It came from the disk, which is what a stand-in is to cost as much as. */
  loaded(id: string): void {
    if (this.#ids.length < STAND_INS_MAX) {
      this.#ids.push(id);
      return;
    }
    this.#ids[this.#oldest] = id;
    this.#oldest = (this.#oldest + 1) % STAND_INS_MAX;
  }

  /** `undefined` while none is known. */
  next(): string | undefined {
    if (this.#ids.length === 0) return undefined;
    this.#next %= this.#ids.length;
    const id = this.#ids[this.#next];
    this.#next += 1;
    return id;
  }
}
