export const ROLES = ['viewer', 'analyst', 'admin'] as const;
/** Each may do what those before it may. */
export type Role = (typeof ROLES)[number];
