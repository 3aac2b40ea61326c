import { Failure } from '../../core/failure.ts';
import type { Rejected } from '../device-answers.ts';
import { sortEvents } from '../ingest.ts';
import { loadJudging, packInstaller } from '../policies/load-judging.ts';
import type { PortalStore } from '../store/store.ts';
import { readExport } from './read-export.ts';

/** What came of an import; `ids` are those that the portal has now, whether or not it had them before. */
export interface Imported {
  device: string;
  accepted: number;
  duplicates: number;
  detections: number;
  rejected: Rejected[];
  ids: string[];
  sha256: string;
}
interface Wish {
  store: PortalStore;
  org: string;
  file: string;
  now(): Date;
  /** How many events were stored so far. */
  progress(events: number): void;
}

const BY = 'command line';

/**
 * Stores and judges an exported outbox as if its agent had sent it, after the whole file has been read once and found sound. The
 * device is enrolled unless it is. What is there already is counted and left alone, so a second import, or one after a first that
 * broke off, does no harm. Throws `not-found`, `import-refused`, also when the device is another organisation's.
 */
export async function importExport({ store, org, file, now, progress }: Wish): Promise<Imported> {
  // Nothing is stored of a file that is not whole.
  for await (const part of readExport(file)) if ('device' in part) await checkOwner(store, org, part.device.deviceId);
  const judging = await loadJudging();
  await packInstaller(store, now)(org);
  const done: Imported = {
    ...{ device: '', accepted: 0, duplicates: 0, detections: 0, rejected: [], ids: [], sha256: '' },
  };
  for await (const part of readExport(file)) {
    const at = now().toISOString();
    if ('device' in part) {
      done.device = part.device.deviceId;
      if ((await store.agents.get(org, done.device)) === undefined) await store.agents.enrol(org, part.device, at, BY);
    } else if ('events' in part) {
      const { good, rejected } = sortEvents(part.events, done.device);
      done.rejected.push(...rejected);
      if (good.length === 0) continue;
      const counted = await store.events.ingest(org, done.device, good, at, judging);
      done.accepted += counted.accepted;
      done.duplicates += counted.duplicates;
      done.detections += counted.detections.length;
      done.ids.push(...good.map(({ id }) => id));
      progress(done.ids.length);
    } else done.sha256 = part.sha256;
  }
  const object = `device:${done.device} (${done.accepted} new of ${done.ids.length} events)`;
  await store.note(org, { time: now().toISOString(), actor: BY, act: 'imported', object });
  return done;
}

async function checkOwner(store: PortalStore, org: string, device: string): Promise<void> {
  for (const other of await store.retention.organisations()) {
    if (other === org || (await store.agents.get(other, device)) === undefined) continue;
    throw new Failure('import-refused', `Device ${device} is enrolled in another organisation`, {
      hint: 'Name the organisation that it belongs to with --org.',
    });
  }
}
