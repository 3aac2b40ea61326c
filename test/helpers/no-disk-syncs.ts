/**
 * Nothing waits for the disk in this process: what a test keeps is gone after it. What a power failure leaves is looked at by
 * `scenario/power-loss`, in programs of their own, which sync as ever.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { DatabaseSync } from 'node:sqlite';

const exec = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function unsynced(this: DatabaseSync, sql: string): void {
  exec.call(this, sql.replaceAll(/(PRAGMA synchronous = )(FULL|NORMAL)/g, '$1OFF'));
};

fs.fsyncSync = () => {};
syncBuiltinESMExports();
