/** A healthy install to break in one place, and a program's own advice taken by its word. For scenario tests. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from '@jest/globals';
import { daemonState } from '../../src/cli/daemon-state.ts';
import { aMachine, type Machine, PROGRAM, until } from './machine.ts';
import { installAt, type RunningPortal, runPortal } from './running-portal.ts';

export interface CheckAnswer {
  id: string;
  status: 'pass' | 'warn' | 'fail' | 'skip' | 'unknown';
  evidence: string[];
  fix: { say: string; command: string | null } | null;
}

export interface Sick {
  machine: Machine;
  portal: RunningPortal;
  /** What needs a person now, after proof that the exit code says so too and that no secret is in any output. */
  troubles(...args: string[]): Promise<CheckAnswer[]>;
  /** Demands that exactly these ids are amiss, and answers the first. */
  only(...ids: string[]): Promise<CheckAnswer>;
  /** Runs a fix's command in a shell, as its reader would, with `input` on standard input; what it then says. */
  obey(check: CheckAnswer, input?: string): Promise<string>;
  /** Demands that all is well. */
  healthy(): Promise<void>;
}

/** Enrolled at a portal, with a workspace in which a turn rang and was delivered. */
export async function healthyMachine(): Promise<Sick> {
  const machine = aMachine();
  machine.open();
  const portal = await runPortal(machine);
  await installAt(machine, portal);
  const session = machine.session('recorded');
  for (const turn of session.turns.slice(0, 1)) await machine.playTurn(session, turn);
  await untilDelivered(machine);
  return sick(machine, portal);
}

/** Waits until something was delivered, and nothing waits. */
export async function untilDelivered({ own }: Machine): Promise<void> {
  await until(async () => {
    // Asked directly: a program started for each look would take the time of what is looked for.
    const state = await daemonState(own);
    return typeof state === 'object' && state.delivery.delivered > 0 && state.outbox.events === 0;
  }, 'everything is delivered');
}

/** The same for a machine that was set up otherwise. */
export function sick(machine: Machine, portal: RunningPortal): Sick {
  const troubles: Sick['troubles'] = async (...args) => {
    const { exitCode, stdout, stderr } = await machine.capsule(['diagnose', '--json', ...args]);
    expect(stderr).toBe('');
    expectNoSecret(machine, stdout);
    const checks = (JSON.parse(stdout) as { checks: CheckAnswer[] }).checks;
    const found = checks.filter(({ status }) => status !== 'pass' && status !== 'skip');
    expect(exitCode).toBe(found.length === 0 ? 0 : 3);
    return found;
  };
  return {
    machine,
    portal,
    troubles,
    async only(...ids) {
      const found = await troubles();
      expect(found.map(({ id, evidence }) => (ids.includes(id) ? id : `${id}: ${evidence.join('; ')}`))).toEqual(ids);
      const [first] = found;
      if (first === undefined) throw new Error('nothing was found');
      return first;
    },
    async obey({ id, fix }, input) {
      if (fix === null || fix.command === null) throw new Error(`${id} names no command: ${fix?.say}`);
      return inShell(machine, fix.command, input);
    },
    async healthy() {
      expect((await troubles()).map(({ id, evidence }) => `${id}: ${evidence.join('; ')}`)).toEqual([]);
    },
  };
}

/** Stops the daemon where it stands, at a moment in which it holds no lock that others wait for; its process. */
export async function freezeDaemon(machine: Machine): Promise<number> {
  const pid = machine.daemonPid();
  if (pid === undefined) throw new Error('a daemon runs');
  await until(() => {
    process.kill(pid, 'SIGSTOP');
    if (isFree(machine.own.attachments)) return true;
    process.kill(pid, 'SIGCONT');
    return false;
  }, 'the daemon does not hold the record');
  return pid;
}

function isFree(file: string): boolean {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('BEGIN IMMEDIATE; COMMIT');
    return true;
  } catch {
    // Whatever is in the way: it is not free.
    return false;
  } finally {
    database.close();
  }
}

/** Neither the credential, nor a word of the session, nor the home folder's path. */
export function expectNoSecret(machine: Machine, text: string): void {
  const { token } = JSON.parse(readFileSync(machine.own.credential, 'utf8')) as { token: string };
  expect(text).not.toContain(token);
  // Whoever has the signature has the token: the parts before it are no secret.
  const [, , signature] = token.split('.');
  if (signature !== undefined) expect(text).not.toContain(signature);
  expect(text).not.toContain(machine.home);
  expect(text).not.toMatch(/notes\.txt|scratch workspace/);
}

/** As it would be pasted: `capsule-kiro` is the program under test, `~` the machine's home. */
export function inShell(machine: Machine, command: string, input = ''): Promise<string> {
  const bin = path.join(machine.folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const program = path.join(bin, 'capsule-kiro');
  writeFileSync(program, `#!/bin/sh\nexec '${PROGRAM}' "$@"\n`);
  chmodSync(program, 0o755);
  return new Promise((resolve) => {
    const env = { ...machine.env, PATH: `${bin}:${machine.env.PATH}` };
    const child = execFile('/bin/sh', ['-c', command], { env }, (_error, stdout, stderr) => resolve(stdout + stderr));
    child.stdin?.on('error', () => {}).end(input);
  });
}
