import { FobtwinError } from '../../shared/errors.ts';
import { Group } from './group.ts';
import type { StoreObserver } from './port.ts';

export interface FlushesParts {
  /** One atomic, durable write of all that is in a group. */
  readonly write: (group: Group) => Promise<void>;
  /** Called when it is durable, before its replies leave. */
  readonly settle: (group: Group) => void;
  /** Why nothing may be written from the start: `failed` tells it at once. */
  readonly damage: FobtwinError | undefined;
  readonly observer: StoreObserver | undefined;
}

/** Groups on their way to the disk: one at a time, and what comes meanwhile is the next. */
export class Flushes {
  readonly failed: Promise<Error>;
  readonly #parts: FlushesParts;
  #forming: Group | undefined;
  #flushing: Group | undefined;
  #failure: FobtwinError | undefined;
  #tellFailure: (cause: Error) => void = () => undefined;

  constructor(parts: FlushesParts) {
    this.#parts = parts;
    this.failed = new Promise((resolve) => {
      this.#tellFailure = resolve;
    });
    if (parts.damage !== undefined) this.#fail(parts.damage, parts.damage);
  }

  /** Later than the one that is being flushed, and durable after it. */
  get forming(): Group | undefined {
    return this.#forming;
  }

  get flushing(): Group | undefined {
    return this.#flushing;
  }

  /** Why nothing more is written; what waited when it came was refused with it. */
  get failure(): FobtwinError | undefined {
    return this.#failure;
  }

  get waiting(): number {
    return (this.#forming?.waiting ?? 0) + (this.#flushing?.waiting ?? 0);
  }

  /** The group that forms; the first to join starts its way to the disk. */
  join(): Group {
    if (this.#forming === undefined) {
      this.#forming = new Group();
      if (this.#flushing === undefined) this.#start(this.#forming);
    }
    return this.#forming;
  }

  /** When everything decided before is durable, or has failed. */
  settled(): Promise<void> {
    const group = this.#forming ?? this.#flushing;
    if (group === undefined) return Promise.resolve();
    return new Promise((resolve) => group.wait(resolve, () => resolve(), undefined));
  }

  /**
   * When the requests that have already arrived have had their turn and, where it brought any,
   * those that came meanwhile theirs: they share the flush, which costs about the same for one and
   * for all. Longer would keep the disk idle. Who begins a group is not counted yet, so that it has
   * both turns: who was answered together asks again together.
   */
  #start(group: Group): void {
    const { waiting } = group;
    const flush = () => void this.#flush(group);
    setImmediate(() => {
      if (group.waiting > waiting) setImmediate(flush);
      else flush();
    });
  }

  async #flush(group: Group): Promise<void> {
    const { write, settle, observer } = this.#parts;
    this.#forming = undefined;
    this.#flushing = group;
    observer?.flushing(group.waiting);
    try {
      await write(group);
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      this.#fail(cause, unavailable('The store can no longer write.', { cause }));
      return;
    }
    observer?.flushed();
    settle(group);
    this.#flushing = undefined;
    // Before any reply leaves: whoever joins after that starts the group that he begins himself.
    if (this.#forming !== undefined) this.#start(this.#forming);
    group.resolveAll();
  }

  /** Never tried again: nobody knows what of a failed flush is on the disk. */
  #fail(cause: Error, failure: FobtwinError): void {
    this.#failure = failure;
    const groups = [this.#flushing, this.#forming];
    this.#flushing = undefined;
    this.#forming = undefined;
    for (const group of groups) group?.rejectAll(failure);
    this.#tellFailure(cause);
  }
}

export function unavailable(
  message: string,
  options: { readonly nextStep?: string; readonly cause?: Error } = {},
): FobtwinError {
  return new FobtwinError('unavailable', message, options);
}
