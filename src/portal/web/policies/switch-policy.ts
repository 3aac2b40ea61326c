import type { PolicyAnswer, StoredPolicy } from '../../policies/records.ts';
import { changeJson } from '../api.ts';

/** Turns a policy on or off, as a version of its own. Throws `ApiError`; 409 when somebody has changed it meanwhile. */
export const switchPolicy = ({ id, version, enabled }: StoredPolicy): Promise<PolicyAnswer> =>
  changeJson<PolicyAnswer>('PATCH', `/api/policies/${encodeURIComponent(id)}`, {
    version,
    body: { enabled: !enabled, note: enabled ? 'Switched off' : 'Switched on' },
  });
