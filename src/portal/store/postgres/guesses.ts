import { randomUUID } from 'node:crypto';
import type { SharedGuesses } from '../replicas.ts';
import type { Database } from './database.ts';

/** Wrong guesses of secrets, in this database: an attacker who is sent to another replica each time is counted all the same. */
export function guessesIn({ portal }: Database): SharedGuesses {
  return {
    since: (keys, from) =>
      portal.all(
        'SELECT guess_key AS key, at FROM wrong_guesses WHERE guess_key = ANY(?::text[]) AND at > ? ORDER BY at',
        [keys, from],
      ),
    async add(keys, at, from) {
      await portal.run('DELETE FROM wrong_guesses WHERE at <= ?', [from]);
      await portal.run(
        'INSERT INTO wrong_guesses (guess_key, at, id) SELECT key, ?, ? FROM unnest(?::text[]) AS wrong (key)',
        [at, randomUUID(), keys],
      );
    },
    async forget(keys) {
      await portal.run('DELETE FROM wrong_guesses WHERE guess_key = ANY(?::text[])', [keys]);
    },
  };
}
