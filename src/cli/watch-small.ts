import * as fs from 'node:fs';
import path from 'node:path';
import type { FSWatcher } from 'chokidar';
import { systemCode } from '../core/failure.ts';
import { LOOK_EVERY_MS, type Watching } from './folder-watches.ts';

/** What such a watch needs of the world. */
export interface SmallWatchNeeds {
  /** Resolves once everything is watched, or `failed` was called for what cannot be. */
  watch(places: readonly string[], told: () => void, failed: () => void): Promise<Watching>;
  /** As `setTimeout`; answers a function that clears it. */
  later(ms: number, then: () => void): () => void;
}

export interface SmallWatching extends Watching {
  /** These places, as long as the system gives no watch for one of them. */
  unwatched(): readonly string[];
}

/**
 * Calls `changed` when one of these files or folders (their direct children) comes, goes or changes. They need not exist yet,
 * but the folders they are in must: chokidar tells of a folder that appears and then not of what appears in it. Where the
 * system gives no watch they are looked at now and then, until there is one again.
 */
export async function watchSmall(
  places: readonly string[],
  changed: () => void,
  needs: SmallWatchNeeds = REAL,
): Promise<SmallWatching> {
  let watching: Watching | undefined;
  let seen = '';
  let lookNoMore: (() => void) | undefined;
  let closed = false;
  const begin = async () => {
    const begun = await needs.watch(places, changed, lookAfter);
    if (closed) await begun.close();
    else watching = begun;
  };
  const lookAfter = () => {
    if (closed || lookNoMore !== undefined) return;
    seen = stampOf(places);
    lookNoMore = needs.later(LOOK_EVERY_MS, () => void look());
  };
  const look = async () => {
    const before = seen;
    lookNoMore = undefined;
    await watching?.close();
    await begin();
    // Also once there is a watch again: for what came between.
    if (!closed && stampOf(places) !== before) changed();
  };
  await begin();
  return {
    unwatched: () => (lookNoMore === undefined ? [] : places),
    async close() {
      closed = true;
      lookNoMore?.();
      await watching?.close();
    },
  };
}

/** What the system says that has no watch to give. */
const NONE_LEFT = new Set(['ENOSPC', 'EMFILE', 'ENFILE']);

const REAL: SmallWatchNeeds = {
  async watch(places, told, failed) {
    const { watch } = await import('chokidar');
    const watcher: FSWatcher = watch([...places], { depth: 0, ignoreInitial: true });
    watcher.on('all', told);
    // Whatever else befalls it (a folder that goes, one that may not be read) costs promptness only: the slow look finds it.
    watcher.on('error', (error) => {
      if (NONE_LEFT.has(systemCode(error) ?? '')) failed();
    });
    await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
    return watcher;
  },
  later(ms, then) {
    const timer = setTimeout(then, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Another text whenever one of these, or a child of one, has come, gone or changed. */
function stampOf(places: readonly string[]): string {
  return JSON.stringify(places.flatMap((place) => [place, ...childrenOf(place)].map(stampOfOne)));
}

function childrenOf(folder: string): string[] {
  try {
    return fs.readdirSync(folder).map((name) => path.join(folder, name));
  } catch {
    // It is a file, or not there.
    return [];
  }
}

function stampOfOne(file: string): (string | number | null)[] {
  const there = fs.lstatSync(file, { throwIfNoEntry: false });
  return [file, there === undefined ? null : there.ino, there?.size ?? 0, there?.mtimeMs ?? 0, there?.mode ?? 0];
}
