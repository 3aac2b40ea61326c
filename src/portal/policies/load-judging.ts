import type { PortalStore } from '../store/store.ts';
import type { Judging } from './stored.ts';

/** Loads the policy engine. */
export async function loadJudging(): Promise<Judging> {
  const [{ judge }, { readyRules }] = await Promise.all([import('./judge.ts'), import('./rule-set.ts')]);
  return { judge, ready: readyRules };
}

/** Sees to it that an organisation has the built-in policies; asks the store once an organisation and process. */
export function packInstaller(store: PortalStore, now: () => Date): (org: string) => Promise<void> {
  const done = new Map<string, Promise<void>>();
  return (org) => {
    const known = done.get(org);
    if (known !== undefined) return known;
    const installing = import('./pack.ts')
      .then(({ loadPack }) => loadPack())
      .then((pack) => store.policies.installPack(org, pack, now().toISOString()));
    done.set(org, installing);
    // A disk that was full must not leave the organisation without policies until the next start.
    installing.catch(() => done.delete(org));
    return installing;
  };
}
