/** Where the build reads and writes. */
import path from 'node:path';

/** The top of the repository. */
export const TOP = path.join(import.meta.dirname, '..');

/** What is handed out. */
export const DIST = path.join(TOP, 'dist');

/** What is made on the way, and may be deleted at any time. */
export const WORK = path.join(TOP, 'node_modules', '.cache', 'capsule-kiro');
