import type { InstallerSystem } from '../installers/render-installer.ts';
import type { StoredInstaller } from './installer-store.ts';

/** A row of `installers` with its code's. */
export interface InstallerRow {
  installer_id: string;
  label: string;
  system: InstallerSystem;
  credential_days: number;
  content: string | null;
  hooks: string | null;
  made_by: string;
  created_at: string;
  expires_at: string;
  revoked_at: string | null;
  uses: number;
  max_uses: number | null;
  agents: number;
}

/** The installer that a row tells of. */
export const toInstaller = (row: InstallerRow): StoredInstaller => ({
  id: row.installer_id,
  choices: {
    label: row.label,
    system: row.system,
    credentialDays: row.credential_days,
    content: row.content,
    hooks: row.hooks,
  },
  madeBy: row.made_by,
  code: {
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    uses: row.uses,
    maxUses: row.max_uses,
  },
  agents: row.agents,
});
