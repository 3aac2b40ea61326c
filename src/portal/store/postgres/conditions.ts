import type { Conditions } from '../conditions.ts';

/** Every query's first condition: one organisation's rows; `$1` is the organisation (see `OfOrg`). */
export const forOrg = (): Conditions => ({ sql: ['org_id = $1'], values: [] });
