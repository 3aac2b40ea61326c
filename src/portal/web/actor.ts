/** Who did something, as a person reads it: an account by its name, a key by the beginning of its id. Pure. */
export function actorWords(actor: string): string {
  if (actor.startsWith('account:')) return actor.slice('account:'.length);
  return actor.startsWith('key:') ? `API key ${actor.slice('key:'.length, 'key:'.length + 8)}` : actor;
}
