import type { NotedAct } from '../noted-act.ts';
import type { RingMember, UpgradeHalt } from './upgrade-store.ts';

/** A row of `upgrade_halts`. */
export interface HaltRow {
  version: string;
  ring: string | null;
  offered: number;
  failed: number;
  halted_at: string;
  resumed_at: string | null;
  resumed_by: string | null;
}

/** The halt that a row tells of. */
export const toHalt = ({ version, ring, offered, failed, ...row }: HaltRow): UpgradeHalt => ({
  ...{ version, ring, offered, failed },
  ...{ haltedAt: row.halted_at, resumedAt: row.resumed_at, resumedBy: row.resumed_by },
});

/** A row of `agents` with what is in `upgrade_offers`. */
export interface MemberRow {
  id: string;
  user: string;
  name: string;
  version: string;
  offered: string | null;
  ring: string | null;
  offered_at: string | null;
  failed_at: string | null;
  why: string | null;
}

/** The agent that a row tells of. */
export const toMember = ({
  id,
  user,
  name,
  version,
  offered,
  ring,
  offered_at,
  failed_at,
  why,
}: MemberRow): RingMember => ({
  ...{ id, user, name, version },
  offer:
    offered === null || offered_at === null
      ? null
      : { version: offered, ring, at: offered_at, failedAt: failed_at, why },
});

/** What the log says of a halt. */
export const haltAct = ({
  version,
  ring,
  offered,
  failed,
  haltedAt,
}: Omit<UpgradeHalt, 'resumedAt' | 'resumedBy'>): NotedAct => ({
  ...{ time: haltedAt, actor: 'portal', act: 'halted', object: `upgrade:${version}` },
  changes: [
    { what: 'ring', before: null, after: ring ?? 'no ring' },
    { what: 'failed', before: null, after: `on ${failed} of ${offered} agents` },
  ],
});
