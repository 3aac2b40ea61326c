import path from 'node:path';
import { Failure } from '../core/failure.ts';
import { backupDatabase } from '../portal/store/sqlite/backup.ts';
import { openSqliteStore } from '../portal/store/sqlite/open.ts';
import { type ChainReport, verifyChain } from '../portal/verify-chain.ts';
import type { Answer, Progress } from './command.ts';
import { bytes, count } from './say.ts';

/** `portal backup FILE`. Throws `usage`, `not-found`, `file-unwritable`, `database-unusable`. */
export async function backUpPortal(folder: string, file: string | undefined, progress: Progress): Promise<Answer> {
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
  'other-chain': 'it is not the chain that was written down',
};

/** `portal verify`: whether every organisation's log is as it was written. Exit code 1 when one is not. Throws `database-unusable`. */
export async function verifyPortal(folder: string, progress: Progress): Promise<Answer> {
  const store = openSqliteStore(folder);
  try {
    const reports: (ChainReport & { org: string })[] = [];
    for (const org of await store.retention.organisations()) {
      progress.show(`Verifying ${org} …`);
      reports.push({ org, ...(await verifyChain(store, org)) });
    }
    const broken = reports.some(({ fault, unchained }) => fault !== null || unchained > 0);
    return {
      output: reports.length === 0 ? 'There is no organisation yet.' : reports.map(sayReport).join('\n'),
      json: { organisations: reports.map((report) => ({ ...report, head: report.head && { ...report.head } })) },
      exitCode: broken ? 1 : 0,
    };
  } finally {
    await store.close();
  }
}

function sayReport({ org, links, gone, unchained, head, fault }: ChainReport & { org: string }): string {
  if (fault !== null)
    return `✕ ${org}: at #${fault.position} ${FAULTS[fault.what]}; ${count(links, 'link')} before it fit`;
  if (unchained > 0) return `✕ ${org}: ${count(unchained, 'row')} stored beside the chain`;
  const removed = gone === 0 ? '' : ` (what ${gone} of them stand for was removed since)`;
  return `✓ ${org}: ${count(links, 'link')} fit${removed}${head === null ? '' : `; the last is #${head.position} ${head.hash}`}`;
}
