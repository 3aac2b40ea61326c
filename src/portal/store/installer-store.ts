import type { InstallerSystem } from '../installers/render-installer.ts';
import type { Actor, Credential } from './store.ts';

/** What an administrator chose when an installer was made. Its id is that of the enrolment code inside it. */
export interface InstallerChoices {
  /** What the list calls it; may be empty. */
  label: string;
  system: InstallerSystem;
  /** How long the credential of each device lives, in days. */
  credentialDays: number;
  /** Passed on to `install`; null leaves it to the program. */
  content: string | null;
  hooks: string | null;
}

export interface InstalledAgent {
  id: string;
  name: string;
  user: string;
  enrolledAt: string;
  /** By Kiro's clock; null before the first event. */
  lastEventAt: string | null;
}

export interface StoredInstaller {
  id: string;
  choices: InstallerChoices;
  madeBy: Actor;
  code: Pick<Credential, 'createdAt' | 'expiresAt' | 'revokedAt' | 'uses' | 'maxUses'>;
  agents: number;
}

export interface InstallerStore {
  /** Keeps the choices behind a code that was issued before, and who made it. */
  make(org: string, id: string, choices: InstallerChoices, by: Actor): Promise<void>;
  /** Newest first. */
  list(org: string): Promise<StoredInstaller[]>;
  get(org: string, id: string): Promise<StoredInstaller | undefined>;
  /** The agents that enrolled by it, newest first. */
  agents(org: string, id: string, limit: number): Promise<InstalledAgent[]>;
  /** Takes back the credential of every agent that enrolled by it; how many. */
  revokeAgents(org: string, id: string, at: string, by: Actor): Promise<number>;
}
