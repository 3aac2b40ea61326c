import { realpathSync } from 'node:fs';

/** The home folder by every name that it may have in a text. */
export function namesOfHome(home: string): string[] {
  const names = new Set([home]);
  try {
    names.add(realpathSync(home));
  } catch {
    // A home that is not there has no other name.
  }
  const written = [...names].flatMap((name) => [name, encodeURI(name), JSON.stringify(name).slice(1, -1)]);
  return [...new Set(written)].sort((a, b) => b.length - a.length);
}

/** A text with `~` in place of the home folder, wherever in it that stands. Pure. */
export function withoutHome(text: string, names: readonly string[]): string {
  // A root's home may be `/`: that names nobody.
  const telling = names.filter((name) => name.length > 1);
  return telling.reduce((left, name) => left.replaceAll(new RegExp(`${literally(name)}${ENDS}`, 'gu'), '~'), text);
}

/** Another folder may have a name that only begins so. */
const ENDS = '(?![\\p{L}\\p{N}_-])';

const literally = (name: string) => name.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
