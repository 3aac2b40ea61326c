import { promises, type Stats } from 'node:fs';

/** Remembers what was made of each file until the file changes, so that looking at thousands again costs one stat each. */
export interface FileMemory {
  /**
   * What `read` makes of the file, now or when it last had this size, time and inode. What it made before when it fails
   * this time: a file in the middle of being written is not news. undefined when there is no such file. Once `isFinal`
   * holds for what was made of it, the file is not looked at again, not even whether it is still there.
   */
  recall<T>(
    file: string,
    read: (file: string) => Promise<T> | T,
    isFinal?: (value: T) => boolean,
  ): Promise<T | undefined>;
  /** Forgets every file that was not asked for since the last time. */
  prune(): void;
}

interface Remembered {
  stamp: string;
  value: unknown;
  final: boolean;
  round: number;
}

/** An empty memory, for as long as its owner looks at the same files. */
export function createFileMemory(): FileMemory {
  const files = new Map<string, Remembered>();
  let round = 0;
  return {
    async recall<T>(file: string, read: (file: string) => Promise<T> | T, isFinal = (_value: T) => false) {
      const before = files.get(file);
      if (before?.final === true) {
        before.round = round;
        return before.value as T;
      }
      const stat = await statIfThere(file);
      if (stat === undefined) return undefined;
      const stamp = `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
      // A file is only ever asked for with one way of reading it.
      if (before?.stamp === stamp) {
        before.round = round;
        return before.value as T;
      }
      try {
        const value = await read(file);
        files.set(file, { stamp, value, round, final: isFinal(value) });
        return value;
      } catch {
        // Failing open is the point: Kiro's lists are in any state, each is one of several, and the next look reads again.
        if (before !== undefined) before.round = round;
        return before?.value as T | undefined;
      }
    },
    prune() {
      for (const [file, known] of files) {
        if (known.round !== round) files.delete(file);
      }
      round++;
    },
  };
}

/** undefined also for one we may not see. */
async function statIfThere(file: string): Promise<Stats | undefined> {
  try {
    return await promises.stat(file);
  } catch {
    return undefined;
  }
}
