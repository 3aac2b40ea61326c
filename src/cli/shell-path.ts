/** A path as it can be pasted into a shell: with `~` for the home, in quotes where it must be. Pure. */
export function shellPath(file: string, home: string): string {
  const inHome = file === home || file.startsWith(`${home}/`);
  const rest = inHome ? file.slice(home.length + 1) : file;
  const quoted = /^[\w./@%+:,-]*$/.test(rest) ? rest : `'${rest.replaceAll("'", `'\\''`)}'`;
  return inHome ? `~/${quoted}` : quoted;
}
