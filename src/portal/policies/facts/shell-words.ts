/** A word of a command, its quotes resolved. What it substitutes (`$(…)`, backticks, `<(…)`) stands as `$(…)` in `text`. */
export interface Word {
  kind: 'word';
  text: string;
  /** Any part of it stood in quotes. */
  quoted: boolean;
  /** The commands inside it, as typed. */
  substitutions: string[];
}
/** `;`, `&&`, `|`, `(`, a redirection such as `2>>`. */
export interface Operator {
  kind: 'operator' | 'redirect';
  text: string;
}
/** The body of a here-document; it follows its redirection. */
export interface HereDocument {
  kind: 'here';
  text: string;
}
export type Token = Word | Operator | HereDocument;

/** Which shell's quoting holds: in cmd.exe and PowerShell a backslash is a letter. */
export type Dialect = 'posix' | 'windows';

const OPERATORS = ['&&', '||', ';;', '|&', ';', '|', '&', '\n', '(', ')'];
const REDIRECT = /^(\d{0,2}|&)(>>|>\||>&|<<<|<<-?|<>|<&|>|<)/;
const BLANK = /^[ \t\r]+/;

/**
 * Splits shell text into words and operators, in one pass over its letters and without ever running anything. Text that no
 * shell would take (an open quote) is read to its end as if it were closed.
 */
export function readTokens(text: string, dialect: Dialect): Token[] {
  const reader = new Reader(text, dialect);
  const tokens: Token[] = [];
  const waiting: { delimiter: string; index: number }[] = [];
  while (!reader.done()) {
    const token = reader.next();
    if (token === undefined) continue;
    tokens.push(token);
    const before = tokens.at(-2);
    if (token.kind === 'word' && before?.kind === 'redirect' && /^\d*<<-?$/.test(before.text)) {
      waiting.push({ delimiter: token.text, index: tokens.length - 1 });
    }
    if (token.kind === 'operator' && token.text === '\n') {
      for (const { delimiter, index } of waiting)
        tokens[index] = { kind: 'here', text: reader.hereDocument(delimiter) };
      waiting.length = 0;
    }
  }
  return tokens;
}

class Reader {
  private readonly text: string;
  private readonly dialect: Dialect;
  private at = 0;

  constructor(text: string, dialect: Dialect) {
    this.text = text;
    this.dialect = dialect;
  }

  done(): boolean {
    return this.at >= this.text.length;
  }

  next(): Token | undefined {
    const rest = this.text.slice(this.at, this.at + 64);
    const blank = BLANK.exec(rest)?.[0].length ?? 0;
    if (blank > 0) {
      this.at += blank;
      return undefined;
    }
    if (rest.startsWith('\\\n')) {
      this.at += 2;
      return undefined;
    }
    if (rest[0] === '#') {
      const end = this.text.indexOf('\n', this.at);
      this.at = end < 0 ? this.text.length : end;
      return undefined;
    }
    // `<(` and `>(` are parts of a word, not redirections.
    const redirect = /^[<>]\(/.test(rest) ? undefined : REDIRECT.exec(rest)?.[0];
    if (redirect !== undefined) return this.take('redirect', redirect);
    const operator = OPERATORS.find((each) => rest.startsWith(each));
    return operator === undefined ? this.word() : this.take('operator', operator);
  }

  hereDocument(delimiter: string): string {
    const lines: string[] = [];
    while (!this.done()) {
      const end = this.text.indexOf('\n', this.at);
      const line = this.text.slice(this.at, end < 0 ? undefined : end);
      this.at = end < 0 ? this.text.length : end + 1;
      if (line.trim() === delimiter) break;
      lines.push(line);
    }
    return lines.join('\n');
  }

  private take(kind: 'operator' | 'redirect', text: string): Operator {
    this.at += text.length;
    return { kind, text };
  }

  private word(): Word {
    const word: Word = { kind: 'word', text: '', quoted: false, substitutions: [] };
    while (!this.done()) {
      const char = this.text.charAt(this.at);
      if (/[\s;|&)]/.test(char) || (char === '(' && word.text !== '$')) break;
      if ((char === '<' || char === '>') && !(this.text[this.at + 1] === '(' && word.text === '')) break;
      this.piece(word, char);
    }
    return word;
  }

  private piece(word: Word, char: string): void {
    if (char === "'") this.single(word);
    else if (char === '"') this.double(word);
    else if (char === '\\' && this.dialect === 'posix') {
      if (this.text[this.at + 1] !== '\n') word.text += this.text.charAt(this.at + 1);
      this.at += 2;
    } else if (!this.substitution(word)) {
      word.text += char;
      this.at++;
    }
  }

  private single(word: Word): void {
    const end = this.text.indexOf("'", this.at + 1);
    const stop = end < 0 ? this.text.length : end;
    word.text += this.text.slice(this.at + 1, stop);
    word.quoted = true;
    this.at = stop + 1;
  }

  private double(word: Word): void {
    word.quoted = true;
    this.at++;
    while (!this.done()) {
      const char = this.text.charAt(this.at);
      if (char === '"') break;
      if (char === '\\' && this.dialect === 'posix' && /["\\$`\n]/.test(this.text.charAt(this.at + 1))) {
        word.text += this.text.charAt(this.at + 1);
        this.at += 2;
      } else if (!this.substitution(word)) {
        word.text += char;
        this.at++;
      }
    }
    this.at++;
  }

  /** Takes `$(…)`, `<(…)`, `>(…)` or a backtick part; says whether there was one. */
  private substitution(word: Word): boolean {
    const two = this.text.slice(this.at, this.at + 2);
    const open = two === '$(' || (two === '<(' && word.text === '') || (two === '>(' && word.text === '');
    const tick = two[0] === '`' && this.dialect === 'posix';
    if (!open && !tick) return false;
    const start = this.at + (open ? 2 : 1);
    const end = open ? endOfBrackets(this.text, start) : endOfTicks(this.text, start);
    word.substitutions.push(this.text.slice(start, end));
    word.text += '$(…)';
    this.at = end + 1;
    return true;
  }
}

function endOfTicks(text: string, start: number): number {
  const end = text.indexOf('`', start);
  return end < 0 ? text.length : end;
}

/** The place of the bracket that closes the one before `start`; brackets in single quotes do not count. */
function endOfBrackets(text: string, start: number): number {
  let depth = 1;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === "'") {
      const end = text.indexOf("'", at + 1);
      // An open quote is a letter: the rest would otherwise be lost to the reader.
      if (end >= 0) at = end;
    } else if (char === '(') depth++;
    else if (char === ')' && --depth === 0) return at;
  }
  return text.length;
}
