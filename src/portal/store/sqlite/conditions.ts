import type { Conditions } from '../conditions.ts';

/** Every query's first condition: one organisation's rows. */
export const forOrg = (org: string): Conditions => ({ sql: ['org_id = ?'], values: [org] });
