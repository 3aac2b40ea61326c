import type { Log } from '../core/log.ts';
import type { Announcer } from './announcer.ts';
import type { Issuer } from './credentials.ts';
import type { Executables } from './installers/executables.ts';
import type { PageFiles } from './page-files.ts';

/** What every route may need. */
export interface PortalContext extends Issuer {
  /** How the portal calls itself towards agents and people. */
  name: string;
  version: string;
  /** Further names the portal may be asked by (`Host`), beside addresses and localhost. */
  names: readonly string[];
  page: PageFiles;
  executables: Executables;
  announcer: Announcer;
  log: Log;
}
