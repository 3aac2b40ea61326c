import { useState } from 'preact/hooks';
import type { StoredPolicy } from '../../policies/records.ts';
import { ApiError, changeJson } from '../api.ts';
import { ConfirmDialog } from '../dialog.tsx';
import { counted } from '../format.ts';
import { useMay } from '../me.ts';
import { DETECTIONS, POLICIES, policyAddress } from '../pages.ts';
import { go } from '../router.ts';
import { isFailing } from './policy-table.tsx';

/** What it is called, what state it is in, and what can be done with the whole of it. */
export function PolicyHead({ policy }: { policy: StoredPolicy | undefined }) {
  const mayWrite = useMay('analyst');
  if (policy === undefined) {
    return (
      <div class="page-head">
        <h1>New policy</h1>
      </div>
    );
  }
  return (
    <>
      <div class="page-head">
        <h1>{policy.name}</h1>
        <span class={`tag${policy.enabled ? ' tag-good' : ''}`}>{policy.enabled ? 'on' : 'off'}</span>
        {policy.packVersion !== null && <span class="tag">built-in</span>}
        <span class="meta">version {policy.version}</span>
        <a class="head-action" href={`${DETECTIONS}?policy=${encodeURIComponent(policy.id)}&state=all`}>
          {counted(policy.open, 'detection')} to do
        </a>
        {mayWrite && policy.packVersion !== null && (
          <a class="button" href={`${policyAddress('new')}?copy=${encodeURIComponent(policy.id)}`}>
            Copy to change
          </a>
        )}
        {mayWrite && policy.packVersion === null && <Remove policy={policy} />}
      </div>
      {policy.trouble !== null && (
        <p class="attention">Switched off by the portal: {policy.trouble}. A new version is tried afresh.</p>
      )}
      {policy.trouble === null && policy.failures !== null && isFailing(policy) && (
        <p class="attention">
          It could not be evaluated on {counted(policy.failures.count, 'event')} within an hour:{' '}
          {policy.failures.message}. <a href={`/events/${encodeURIComponent(policy.failures.event)}`}>Show one</a>.
          After 100 in a row it is switched off.
        </p>
      )}
    </>
  );
}

function Remove({ policy: { id, name, version } }: { policy: StoredPolicy }) {
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<string>();
  const remove = async () => {
    try {
      await changeJson('DELETE', `/api/policies/${encodeURIComponent(id)}`, { version });
      go(POLICIES);
    } catch (failure) {
      setProblem(failure instanceof ApiError ? failure.message : String(failure));
    }
  };
  return (
    <>
      <button type="button" class="quiet" onClick={() => setAsked(true)}>
        Remove
      </button>
      {asked && (
        <ConfirmDialog
          title={`Remove “${name}”?`}
          act="Remove"
          confirm={remove}
          problem={problem}
          close={() => setAsked(false)}
        >
          <p>It is judged no longer. What it found stays, with its versions in the audit log.</p>
        </ConfirmDialog>
      )}
    </>
  );
}
