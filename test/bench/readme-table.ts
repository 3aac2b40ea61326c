/**
 * Puts a measurement's text between its two marks in a README; what stands around them is written by people. Pure. Throws
 * when the marks are missing, so that no figure is silently left out.
 */
export function replaceTable(readme: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`the README has no ${begin} … ${end} to put this table into`);
  return `${readme.slice(0, from + begin.length)}\n${text}${readme.slice(to)}`;
}
