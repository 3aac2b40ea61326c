import { COVERAGE_TABLE } from './coverage.ts';
import { DESTINATION_COLUMNS } from './destinations.ts';
import { SENT_DESTINATION, SENT_TABLE } from './sent-journal.ts';

/** The outbox's tables, in the order in which they came. Never edit one that has shipped. */
export const OUTBOX_TABLES = [
  `CREATE TABLE event (
     seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, session TEXT NOT NULL,
     time TEXT NOT NULL, taken TEXT NOT NULL, bytes INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
   CREATE TABLE rejected (
     id TEXT PRIMARY KEY, code TEXT NOT NULL, message TEXT NOT NULL, time TEXT NOT NULL, json TEXT NOT NULL) STRICT;
   CREATE TABLE cursor (
     store TEXT NOT NULL, session TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (store, session)) STRICT;
   CREATE TABLE ring (
     name TEXT PRIMARY KEY, time TEXT NOT NULL, origin TEXT NOT NULL, session TEXT, cwd TEXT, answered TEXT) STRICT;
   CREATE TABLE activity (place TEXT PRIMARY KEY, time TEXT NOT NULL) STRICT;
   CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT`,
  COVERAGE_TABLE,
  // How long the daemon had run in all when the event was taken in, in ms: the age that the bound means.
  'ALTER TABLE event ADD COLUMN lived INTEGER NOT NULL DEFAULT 0',
  SENT_TABLE,
  `${DESTINATION_COLUMNS}; ${SENT_DESTINATION}`,
];
