/**
 * Whether an agent has a credential that was not revoked, as an expression over a row of `agents`, by the name that it has in the
 * statement. Not by EXISTS: for that SQLite reads every credential of the organisation, for each agent.
 */
export const isNotShutOut = (agents: string): string =>
  `(SELECT max(c.expires_at) FROM credentials c WHERE c.org_id = ${agents}.org_id AND c.subject = ${agents}.device_id
     AND c.kind = 'device' AND c.revoked_at IS NULL) IS NOT NULL`;
