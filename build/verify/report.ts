/** What was checked, what was wrong, and what this machine could not check. Printed as it comes. */
export class Report {
  passes = 0;
  failures = 0;
  readonly unchecked: string[] = [];

  /** Runs one check, which answers what it saw; a check that throws has found a fault. */
  async check(what: string, look: () => string | Promise<string>): Promise<void> {
    try {
      const seen = await look();
      this.passes++;
      say(`  ok    ${what}${seen === '' ? '' : `: ${seen}`}`);
    } catch (error) {
      this.failures++;
      const fault = error instanceof Error ? error.message : String(error);
      // Further in: a summary of tests at the beginning of a line would be counted as one of ours.
      say(`  WRONG ${what}: ${fault.replaceAll('\n', '\n        ')}`);
    }
  }

  /** Says what could not be checked, and what it would take. */
  skip(what: string, why: string): void {
    this.unchecked.push(`${what}: ${why}`);
    say(`  -     ${what}: not checked, ${why}`);
  }

  head(text: string): void {
    say(`\n${text}`);
  }

  /** Says the sum; its last line is for a program to read. */
  end(): void {
    say(`\n${this.failures === 0 ? 'Nothing is wrong' : `${this.failures} checks failed`}.`);
    if (this.unchecked.length > 0) say(`Not checked here:\n${this.unchecked.map((each) => `  ${each}`).join('\n')}`);
    say(`Checks: ${this.passes} passed, ${this.failures} failed, ${this.unchecked.length} not made`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Throws with these faults, if there are any. */
export function none(faults: readonly string[]): void {
  if (faults.length > 0) throw new Error(faults.join('; '));
}
