const ADDRESS = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'`<>\\|)}]{1,2000}/gi;
const REMOTE = /^(?:[\w.+-]+@)?([\w-]+(?:\.[\w-]+)+|\[[0-9a-f:]+\]|localhost):/i;
const NAME =
  /^(?:[\w.+-]+@)?((?:[a-z0-9_-]+\.)+[a-z]{2,24}|localhost|(?:\d{1,3}\.){3}\d{1,3}|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:[/?#].*)?$/i;

/** The hosts of every address in the text, in small letters, as a browser reads them (`http://2852039166/` is 169.254.169.254). */
export function hostsIn(text: string): string[] {
  return (text.match(ADDRESS) ?? []).flatMap((address) => {
    const host = hostOf(address);
    return host === '' ? [] : [host];
  });
}

/** The host of one address, or an empty text. */
export function hostOf(address: string): string {
  // Only for http does the parser bring every way to write an address into one form.
  const web = address.replace(/^(?!https?:)[a-z][a-z0-9+.-]*:\/\//i, 'http://');
  return URL.canParse(web) ? new URL(web).hostname.toLowerCase() : '';
}

/** The host of `user@host:path` as scp, rsync and ssh take it; empty for a local path. */
export function remoteHost(word: string): string {
  return word.includes('://') ? '' : (REMOTE.exec(word)?.[1]?.toLowerCase() ?? '');
}

/** The host of a word that stands where a program wants an address or a host, scheme or not. */
export function bareHost(word: string): string {
  return word.includes('://') ? hostOf(word) : (NAME.exec(word)?.[1]?.toLowerCase() ?? '');
}
