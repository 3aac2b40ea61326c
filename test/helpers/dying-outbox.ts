/** An outbox whose process may die at any moment. */
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from '@jest/globals';
import { openOutbox } from '../../src/relay/open-outbox.ts';
import type { Outbox } from '../../src/relay/outbox.ts';
import { tempFolder } from './temp-home.ts';

export interface DyingOutbox {
  readonly outbox: Outbox;
  /** Closed and opened, as by a start after a stop. */
  restart(): void;
  /**
   * The process dies: its files stay as they are at that moment, and nothing is closed. What is answered opens what was kept of
   * them, and is called once whatever was under way has ended.
   */
  die(): () => void;
  /** Removes everything. */
  end(): void;
}

const now = () => new Date('2026-09-03T12:00:00.000Z');

export function dyingOutbox(): DyingOutbox {
  const root = tempFolder();
  let life = 0;
  const folder = () => path.join(root, String(life));
  const openHere = () => openOutbox(path.join(folder(), 'agent.db'), now, () => 0);
  const makeFolder = () => {
    mkdirSync(folder());
    // So that no room is kept for a full disk, which would take most of the time.
    writeFileSync(path.join(folder(), 'agent.db-ballast'), '');
  };
  makeFolder();
  let outbox = openHere();
  return {
    get outbox() {
      return outbox;
    },
    restart() {
      outbox.close();
      outbox = openHere();
    },
    die() {
      const [before, dying] = [folder(), outbox];
      life += 1;
      makeFolder();
      for (const name of readdirSync(before)) {
        if (!name.endsWith('-ballast')) cpSync(path.join(before, name), path.join(folder(), name));
      }
      return () => {
        dying.close();
        rmSync(before, { recursive: true });
        outbox = openHere();
        expect(outbox.damage).toBeNull();
      };
    },
    end() {
      outbox.close();
      rmSync(root, { recursive: true });
    },
  };
}
