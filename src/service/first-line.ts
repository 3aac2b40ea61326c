/** The first line of what a system's tool complained of. Pure. */
export function firstLine(text: string): string {
  return text.trim().split(/\r?\n/)[0] ?? '';
}
