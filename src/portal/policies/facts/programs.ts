/** What the programs of command lines do, as far as the facts ask. Names as `programName` writes them. */

export const SHELLS: readonly string[] = ['sh', 'bash', 'zsh', 'dash', 'ksh', 'fish', 'ash'];
export const POWERSHELLS: readonly string[] = ['powershell', 'pwsh'];
/** Runs the text it is given in the same shell. */
export const EVALUATORS: readonly string[] = ['eval', 'source', '.', 'iex', 'invoke-expression'];
export const FETCHERS: readonly string[] = [
  'curl',
  'wget',
  'http',
  'xh',
  'iwr',
  'irm',
  'invoke-webrequest',
  'invoke-restmethod',
  'aria2c',
];
/** Take a host as a plain word. */
export const DIALLERS: readonly string[] = ['nc', 'ncat', 'netcat', 'telnet', 'ftp', 'sftp', 'ssh'];
export const DELETERS: readonly string[] = [
  'rm',
  'rmdir',
  'unlink',
  'shred',
  'srm',
  'del',
  'erase',
  'rd',
  'ri',
  'remove-item',
  'trash',
];
/** Change the files they are given. */
export const TOUCHERS: readonly string[] = [
  'touch',
  'mkdir',
  'truncate',
  'tee',
  'ni',
  'new-item',
  'set-content',
  'add-content',
  'out-file',
];
/** Write to the last word; the others are read (and, by `mv`, taken away). */
export const COPIERS: readonly string[] = [
  'cp',
  'mv',
  'install',
  'ln',
  'copy',
  'move',
  'copy-item',
  'move-item',
  'xcopy',
  'robocopy',
];
export const MOVERS: readonly string[] = ['mv', 'move', 'move-item'];
/** Say their words and open nothing. */
export const SPEAKERS: readonly string[] = ['echo', 'printf', 'write-output', 'write-host', 'true', 'false', ':'];

const INTERPRETER = /^(python|pypy|perl|ruby|php|node|nodejs|deno|bun|lua|osascript|awk|tclsh|Rscript)[0-9.]*$/;
const SQL_CLIENT = /^(psql|mysql|mariadb|sqlcmd|sqlite3|mongosh|mongo|clickhouse-client|redis-cli)$/;

/** Whether the program runs code of another language than the shell's. */
export const isInterpreter = (program: string): boolean => INTERPRETER.test(program);
/** Whether a quoted text is what the program does, and not something it talks about. */
export const showsQuoted = (program: string): boolean =>
  isInterpreter(program) || SQL_CLIENT.test(program) || POWERSHELLS.includes(program);
