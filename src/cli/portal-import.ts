import path from 'node:path';
import { writeOwnFile } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { importExport } from '../portal/import/import-export.ts';
import type { Answer, Progress } from './command.ts';
import type { StorePlace } from './portal-place.ts';
import { openStore } from './portal-store.ts';
import { count } from './say.ts';

/** `portal import FILE`, beside a running portal or without. Throws `usage`, `not-found`, `import-refused`, `database-unusable`. */
export async function importIntoPortal(
  host: Host,
  place: StorePlace,
  { file, org: name, receipt }: { file: string | undefined; org: string; receipt: string | undefined },
  progress: Progress,
): Promise<Answer> {
  if (file === undefined) throw new Failure('usage', 'Which file? Give what the agent exported: portal import FILE');
  const store = await openStore(host, place);
  try {
    const org = await store.organisation(name, host.now().toISOString());
    const { ids, rejected, ...imported } = await importExport({
      ...{ store, org: org.id, file: path.resolve(file), now: () => host.now() },
      progress: (events) => progress.show(`Importing … ${count(events, 'event')}`),
    });
    const named = rejected.flatMap(({ id, ...why }) => (id === null ? [] : [{ id, ...why }]));
    if (receipt !== undefined) {
      const told = { capsuleReceipt: 1, organisation: name, ...imported, ids, rejected: named };
      writeOwnFile(path.resolve(receipt), `${JSON.stringify(told)}\n`);
    }
    const [first] = rejected;
    return {
      output: [
        `${count(imported.accepted, 'event')} imported, ${imported.duplicates} there before, ${rejected.length} refused${first === undefined ? '' : ` (${first.message})`}.`,
        ...(receipt === undefined
          ? []
          : [`${receipt} tells the agent so: capsule-kiro events --acknowledge ${receipt}`]),
      ].join('\n'),
      json: { ...imported, refused: rejected.length, org: name },
      exitCode: rejected.length > 0 ? 3 : 0,
    };
  } finally {
    await store.close();
  }
}
