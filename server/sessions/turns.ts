/** Work of one name goes one after another, other names' at the same time. */
export interface Turns<Name> {
  take<R>(name: Name, work: () => Promise<R>): Promise<R>;
}

export function createTurns<Name>(): Turns<Name> {
  const last = new Map<Name, Promise<unknown>>();
  return {
    async take<R>(name: Name, work: () => Promise<R>): Promise<R> {
      const before = last.get(name) ?? Promise.resolve();
      // What became of the one before is its own caller's to hear.
      const mine = before.then(work, work);
      last.set(name, mine);
      try {
        return await mine;
      } finally {
        if (last.get(name) === mine) last.delete(name);
      }
    },
  };
}
