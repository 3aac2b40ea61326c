import type { DaemonState } from '../../daemon-state.ts';
import { ago, count } from '../../say.ts';
import { type Check, type Finding, found, passed } from '../check.ts';

type Coverage = DaemonState['capture']['coverage'];

export const captureCoverage: Check = {
  id: 'capture.coverage',
  title: 'what Kiro recorded was rung for, and reached the portal',
  why: 'This is the proof: turns in the record of Kiro against rings and deliveries, by folder, over seven days.',
  remedy: 'Restart Kiro once, so that it reads its hooks; see that it trusts the folder; then send one prompt there.',
  needs: ['daemon.running'],
  async run(host, facts) {
    const look = await facts.daemon();
    const read = ['GET /v1/status on the local socket'];
    return look.is === 'up' ? judgeCoverage(look.state, host.now(), read) : passed(read);
  },
};

/** As long as the daemon tells coverage for. */
const COVERED_MS = 7 * 24 * 60 * 60_000;

/** Pure. */
export function judgeCoverage({ capture, delivery, outbox }: DaemonState, now: Date, read: string[]): Finding {
  const folders = sumByFolder(capture.coverage);
  const said = [
    `last ring ${ago(capture.lastRing, now)}, last event ${ago(capture.lastEvent, now)}, last delivery ${ago(delivery.lastDelivery, now)}`,
    ...folders.map(
      ({ folder, seen, rings, delivered }) =>
        `${folder}: ${count(seen, 'turn')} recorded by Kiro, ${count(rings, 'ring')}, ${delivered} delivered`,
    ),
  ];
  const silent = folders.filter(({ seen, rings }) => seen > 0 && rings === 0);
  if (silent.length > 0) {
    const names = silent.map(({ folder }) => `no hook rang in ${folder}`);
    return found('warn', read, [...names, ...said], {
      say: 'Restart Kiro, so that it reads its hooks, and send one prompt there; should it stay so, see that Kiro trusts the folder, and what its Output panel says of the hook',
    });
  }
  // Turns that had to go, or that the portal refused, are told by the checks on the outbox.
  const gone = outbox.removed !== null && now.getTime() - Date.parse(outbox.removed.last) < COVERED_MS;
  const explained = gone || outbox.rejected > 0 || outbox.events > 0;
  const lost = explained ? [] : folders.filter(({ seen, delivered }) => delivered < seen);
  // Turns that a portal which is not set up, or refuses, has not taken are told by the checks on it.
  if (lost.length > 0 && delivery.state === 'idle') {
    return found('warn', read, said, { say: 'Follow one event on its way', command: 'capsule-kiro diagnose --probe' });
  }
  return passed(read, ...said);
}

function sumByFolder(coverage: Coverage) {
  return [...Map.groupBy(coverage, ({ workspace }) => workspace ?? 'without a folder')].map(([folder, rows]) => {
    const sum = (of: 'seen' | 'rings' | 'delivered') => rows.reduce((total, row) => total + row[of], 0);
    return { folder, seen: sum('seen'), rings: sum('rings'), delivered: sum('delivered') };
  });
}
