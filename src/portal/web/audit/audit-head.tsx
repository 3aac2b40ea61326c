import type { ChainAnswer } from '../../answers.ts';
import { number } from '../format.ts';
import { useMay, useUnlessOwn } from '../me.ts';
import { ADMINISTRATION, AUDIT } from '../pages.ts';
import { usePreferences } from '../preferences.ts';
import { usePlace } from '../router.ts';
import { useResource } from '../use-resource.ts';

/** What both audit logs have above them: which of the two, how many, where the chain ends, whose time it is. */
export function AuditHead({ counted }: { counted: string | undefined }) {
  const { path } = usePlace();
  const mayAct = useMay('admin');
  const { zone } = usePreferences();
  const chain = useResource<Partial<ChainAnswer>>(useUnlessOwn('/api/chain'));
  const head = chain.data?.head;
  return (
    <div class="page-head">
      <h1>Audit logs</h1>
      <nav class="tabs" aria-label="Logs">
        <a href={AUDIT} aria-current={path === AUDIT ? 'page' : undefined}>
          Activity
        </a>
        {mayAct && (
          <a href={ADMINISTRATION} aria-current={path === ADMINISTRATION ? 'page' : undefined}>
            Administration
          </a>
        )}
      </nav>
      <span class="meta" role="status">
        {counted}
      </span>
      <span class="meta head-end">
        {head !== undefined && head !== null && (
          <details class="menu chain">
            <summary>Chain: link {number(head.position)}</summary>
            <div>
              <p>
                Every event and act is a link of a hash chain, in order of arrival. Write this down elsewhere; later{' '}
                <code>capsule-kiro portal verify --head {head.position}:…</code> proves that nothing before it was
                changed.
              </p>
              <p class="mono">
                {head.position}:{head.hash}
              </p>
            </div>
          </details>
        )}
        Times in {zone === 'utc' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone}
      </span>
    </div>
  );
}
