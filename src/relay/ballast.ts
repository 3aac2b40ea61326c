/**
 * A file that only takes up room. On a full disk even deleting from a database needs space; then this file is given up, what
 * was delivered can be deleted, and the file comes back when there is room again.
 */
import * as fs from 'node:fs';
import path from 'node:path';

const BYTES = 8 * 1024 * 1024;
/** The last of the disk is not for us. */
const LEAVE_FREE = 16 * BYTES;

export interface Ballast {
  /** Sees to it that the file is there, unless the disk is nearly full. */
  keep(): void;
  /** Gives the room free; whether there was any. */
  release(): boolean;
}

/** The ballast in this file, owner-only. Throws nothing: where it cannot be made, there is none to release. */
export function ballastIn(file: string): Ballast {
  return {
    keep() {
      try {
        if (fs.existsSync(file) || freeBytes(path.dirname(file)) < LEAVE_FREE) return;
        // Not zeroes: a file system that packs or skips them would keep no room.
        fs.writeFileSync(file, Buffer.alloc(BYTES, 'capsule-kiro keeps this room for a full disk\n'), { mode: 0o600 });
      } catch {
        fs.rmSync(file, { force: true });
      }
    },
    release() {
      const there = fs.existsSync(file);
      fs.rmSync(file, { force: true });
      return there;
    },
  };
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = fs.statfsSync(folder);
  return bavail * bsize;
}
