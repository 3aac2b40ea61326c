/** What agents were offered and what became of it. */
export const UPGRADE_TABLES = `
  CREATE TABLE upgrade_offers (
    org_id TEXT NOT NULL, device_id TEXT NOT NULL, version TEXT NOT NULL, ring TEXT,
    offered_at TEXT NOT NULL, failed_at TEXT, why TEXT,
    PRIMARY KEY (org_id, device_id)
  );
  CREATE INDEX upgrade_offers_by_ring ON upgrade_offers (org_id, version, ring, offered_at, failed_at);
  CREATE TABLE upgrade_halts (
    org_id TEXT NOT NULL, version TEXT NOT NULL, ring TEXT, offered INTEGER NOT NULL, failed INTEGER NOT NULL,
    halted_at TEXT NOT NULL, resumed_at TEXT, resumed_by TEXT,
    PRIMARY KEY (org_id, version)
  );
`;
