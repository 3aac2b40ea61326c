/** What agents were offered and what became of it; and an index that holds all that rings ask of an agent. */
export const UPGRADE_TABLES = `
  CREATE TABLE upgrade_offers (
    org_id TEXT NOT NULL REFERENCES organisations, device_id TEXT NOT NULL, version TEXT NOT NULL, ring TEXT,
    offered_at TEXT NOT NULL, failed_at TEXT, why TEXT,
    PRIMARY KEY (org_id, device_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX upgrade_offers_by_ring ON upgrade_offers (org_id, version, ring, offered_at, failed_at);
  CREATE TABLE upgrade_halts (
    org_id TEXT NOT NULL REFERENCES organisations, version TEXT NOT NULL, ring TEXT, offered INTEGER NOT NULL,
    failed INTEGER NOT NULL, halted_at TEXT NOT NULL, resumed_at TEXT, resumed_by TEXT,
    PRIMARY KEY (org_id, version)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX agents_for_rings ON agents (org_id, device_id, user, name, agent_version);
`;
