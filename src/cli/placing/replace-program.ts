/** Puts a program into the place of another, which may be running, and back again when it turns out not to work. */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { describe, Failure, systemCode } from '../../core/failure.ts';
import type { Host, OwnPaths } from '../../core/host.ts';
import { planReplacement, planReturn, type ReplacementStep } from './plan-replacement.ts';

export interface Replacement {
  /** Puts the one that was there back. Throws `file-unwritable`. */
  goBack(): void;
  /** Gives the one that was there up. One that runs on Windows stays until a daemon starts again. */
  forget(): void;
}

const ASIDE = /^(old|new)-[0-9a-f]{12}-capsule-kiro(?:\.exe)?$/;
const DAY_MS = 24 * 60 * 60_000;
/** What Windows says of a file that runs, or that a virus scanner looks at. */
const HELD = new Set(['EPERM', 'EACCES', 'EBUSY']);

/** Where a program is made before it takes its place: beside it, because only there a rename is one step. */
export const freshProgram = (own: OwnPaths): string => aside(own, 'new');

/** `fresh`, which is ready to run, becomes the program. Throws `file-unwritable`; then everything is as it was. */
export function replaceProgram({ own, platform }: Pick<Host, 'own' | 'platform'>, fresh: string): Replacement {
  const places = { program: own.program, fresh, kept: aside(own, 'old') };
  const there = fs.lstatSync(own.program, { throwIfNoEntry: false }) !== undefined;
  take(planReplacement(platform, places, there));
  return {
    goBack() {
      if (there) take(planReturn(platform, places));
      removeUnlessHeld(fresh);
    },
    forget: () => removeUnlessHeld(places.kept),
  };
}

/** Removes what replacements left: at once what was replaced, after a day what never took its place. */
export function tidyPrograms(own: OwnPaths, now: Date): void {
  for (const { file, kind } of programsAside(own)) {
    const since = fs.lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (kind === 'old' || now.getTime() - since > DAY_MS) removeUnlessHeld(file);
  }
}

/** Programs that lie beside ours, replaced or not in their place yet. */
export function programsAside(own: OwnPaths): { file: string; kind: 'old' | 'new' }[] {
  const folder = path.dirname(own.program);
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).flatMap((name) => {
    const kind = ASIDE.exec(name)?.[1];
    return kind === 'old' || kind === 'new' ? [{ file: path.join(folder, name), kind }] : [];
  });
}

/** Removes a file. False, and it stays, when Windows holds it because it runs. */
export function removeUnlessHeld(file: string): boolean {
  try {
    fs.rmSync(file, { force: true });
    return true;
  } catch (error) {
    if (!HELD.has(systemCode(error) ?? '')) throw error;
    return false;
  }
}

function aside({ program }: OwnPaths, kind: 'old' | 'new'): string {
  return path.join(path.dirname(program), `${kind}-${randomBytes(6).toString('hex')}-${path.basename(program)}`);
}

/** All of the steps or none. */
function take(steps: readonly ReplacementStep[]): void {
  const taken: ReplacementStep[] = [];
  try {
    for (const step of steps) {
      if (step.do === 'rename') fs.renameSync(step.from, step.to);
      else nameAgain(step.from, step.to);
      taken.push(step);
    }
  } catch (error) {
    for (const { do: what, from, to } of taken.reverse()) {
      if (what === 'rename') fs.renameSync(to, from);
      else fs.rmSync(to, { force: true });
    }
    const [{ to } = { to: '' }] = steps.slice(-1);
    throw new Failure('file-unwritable', `${to} cannot be replaced: ${describe(error)}`, {
      hint: 'Check the permissions of its folder, and what holds the file open. The program is as it was.',
      cause: error,
    });
  }
}

function nameAgain(from: string, to: string): void {
  if (fs.lstatSync(from).isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(from), to);
  else {
    try {
      fs.linkSync(from, to);
    } catch (error) {
      // A file system without second names, and each says so in its own way.
      if (systemCode(error) === undefined) throw error;
      fs.copyFileSync(from, to);
    }
  }
}
