import type { Host } from '../../core/host.ts';
import type { Facts } from './gather-facts.ts';

/**
 * `fail`: events are lost sight of, or something is open that must be closed. `warn`: it works, but not as it should. `skip`: not
 * asked, because it does not apply here or its cause failed already. `unknown`: the look itself went wrong.
 */
export type CheckStatus = 'pass' | 'warn' | 'fail' | 'skip' | 'unknown';

/** What puts it right: one sentence, and one command line where a command does it. */
export interface Fix {
  say: string;
  command?: string;
}

export interface Finding {
  status: CheckStatus;
  /** The files, folders and questions that the answer rests on. */
  read: string[];
  /** What was seen, each one clause without its full stop. Never a secret, never content. */
  evidence: string[];
  /** null with `pass` and `skip`. */
  fix: Fix | null;
}

/** One question with a stable, dotted id. */
export interface Check {
  id: string;
  /** What holds when all is well, as one clause. */
  title: string;
  /** What it means for events when it does not hold, as one sentence. */
  why: string;
  /** What usually puts it right, as one sentence; each finding has its own. */
  remedy: string;
  /** Ids of checks without which this one says nothing new: when one of them failed, this is skipped. */
  needs: readonly string[];
  /** Looks, and changes nothing. A `Failure` that it throws becomes `unknown`. */
  run(host: Host, facts: Facts): Finding | Promise<Finding>;
}

/** All is well. */
export function passed(read: string[], ...evidence: string[]): Finding {
  return { status: 'pass', read, evidence, fix: null };
}

/** Not asked, and why. */
export function skipped(reason: string): Finding {
  return { status: 'skip', read: [], evidence: [reason], fix: null };
}

/** Something is not as it should be. */
export function found(status: 'warn' | 'fail', read: string[], evidence: string[], fix: Fix): Finding {
  return { status, read, evidence, fix };
}
