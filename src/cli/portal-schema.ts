import { distributeText, schemaText } from '../portal/store/postgres/schema-text.ts';
import type { Answer } from './command.ts';

/** `portal schema`: the tables in PostgreSQL, or what spreads them over the machines of a Citus cluster. */
export function printSchema(citus: boolean): Answer {
  const sql = citus ? distributeText() : schemaText();
  return { output: sql, json: { sql }, exitCode: 0 };
}
