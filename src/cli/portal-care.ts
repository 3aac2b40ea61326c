import path from 'node:path';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { backupDatabase } from '../portal/store/sqlite/backup.ts';
import { type ChainReport, holdsHead, verifyChain } from '../portal/verify-chain.ts';
import type { Answer, Progress } from './command.ts';
import type { StorePlace } from './portal-place.ts';
import { openStore } from './portal-store.ts';
import { bytes, count } from './say.ts';

/** `portal backup FILE`. Throws `usage`, `not-found`, `file-unwritable`, `database-unusable`. */
export async function backUpPortal(
  { folder, database }: StorePlace,
  file: string | undefined,
  progress: Progress,
): Promise<Answer> {
  if (database !== undefined) {
    throw new Failure('usage', 'A portal on PostgreSQL is backed up by PostgreSQL’s own means', {
      hint: 'For example: pg_dump --format=custom --file=capsule.dump "$CAPSULE_DATABASE_URL"',
    });
  }
  if (file === undefined) throw new Failure('usage', 'Where to? Give the backup’s file: portal backup FILE');
  const target = path.resolve(file);
  const size = await backupDatabase(folder, target, (part) => progress.show(`Copying … ${Math.floor(part * 100)} %`));
  return {
    output: [
      `${target} holds the portal’s data (${bytes(size)}), as it was at one moment.`,
      'It holds the portal’s signing key, too: keep it as you keep the portal. To go back to it, stop the portal and put it in',
      `place of ${path.join(folder, 'portal.db')}.`,
    ].join('\n'),
    json: { file: target, bytes: size },
    exitCode: 0,
  };
}

const FAULTS: Readonly<Record<NonNullable<ChainReport['fault']>['what'], string>> = {
  'link-missing': 'a link is missing',
  'hash-wrong': 'a link does not follow from the one before it',
  'content-changed': 'what is stored is not what was stored then',
};

/**
 * `portal verify`: whether every organisation's log is as it was written, and still holds `head`, which was written down before
 * (`<position>:<hash>`). Exit code 1 when it is not so. Throws `database-unusable`, `usage`.
 */
export async function verifyPortal(
  host: Host,
  place: StorePlace,
  progress: Progress,
  head: string | undefined,
): Promise<Answer> {
  const known = head === undefined ? undefined : readHead(head);
  const store = await openStore(host, place);
  try {
    const reports: (ChainReport & { org: string })[] = [];
    const holders: string[] = [];
    for (const org of await store.retention.organisations()) {
      progress.show(`Verifying ${org} …`);
      reports.push({ org, ...(await verifyChain(store, org)) });
      if (known !== undefined && (await holdsHead(store, org, known))) holders.push(org);
    }
    const broken = reports.some(({ fault, unchained }) => fault !== null || unchained > 0);
    const lost = known !== undefined && holders.length === 0;
    const said = reports.length === 0 ? ['There is no organisation yet.'] : reports.map(sayReport);
    if (known !== undefined) {
      said.push(
        lost
          ? `✕ no chain here holds #${known.position} as it was written down`
          : `✓ #${known.position} is as it was written down`,
      );
    }
    return {
      output: said.join('\n'),
      json: {
        organisations: reports.map((report) => ({ ...report, head: report.head && { ...report.head } })),
        ...(known !== undefined && { headHeld: !lost }),
      },
      exitCode: broken || lost ? 1 : 0,
    };
  } finally {
    await store.close();
  }
}

function readHead(head: string): { position: number; hash: string } {
  const [, position, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(head) ?? [];
  if (position === undefined || hash === undefined) {
    throw new Failure('usage', '--head must be <position>:<hash>, as the audit logs show it');
  }
  return { position: Number(position), hash };
}

function sayReport({ org, links, gone, unchained, head, fault }: ChainReport & { org: string }): string {
  if (fault !== null)
    return `✕ ${org}: at #${fault.position} ${FAULTS[fault.what]}; ${count(links, 'link')} before it fit`;
  if (unchained > 0) return `✕ ${org}: ${count(unchained, 'row')} stored beside the chain`;
  const removed = gone === 0 ? '' : ` (what ${gone} of them stand for was removed since)`;
  return `✓ ${org}: ${count(links, 'link')} fit${removed}${head === null ? '' : `; the last is #${head.position} ${head.hash}`}`;
}
