import type { Platform } from '../core/host.ts';

/** The dispatcher's file names, by what runs them. */
export const DISPATCHER_FILES = { posix: 'capsule-dispatch.sh', windows: 'capsule-dispatch.cmd' } as const;

/**
 * Who calls the dispatcher: `env` is a 0.x hook, whose data is in a variable and whose stdin never closes; `stdin` is a
 * 1.x hook, which gets JSON there (kiro/README K10, K11).
 */
export type DispatcherForm = 'env' | 'stdin';

/**
 * The command that a hook file registers. It is the same text for every user: the shell, not we, puts the home folder in.
 * So a hook file that gets committed names nobody, and spaces in a home folder need no quoting.
 *
 * The `env` form is one plain program, because it must equal the trusted command byte for byte (K14) and older builds
 * ask about shell operators. The `stdin` form is guarded: exit 1 of a Stop hook can make Kiro 1.x go on working (K12).
 */
export function dispatcherCommand(platform: Platform, form: DispatcherForm): string {
  if (platform === 'win32') {
    const program = `"%APPDATA%\\Kiro\\scripts\\${DISPATCHER_FILES.windows}"`;
    return form === 'env' ? program : `${program} stdin >nul 2>&1 || exit /b 0`;
  }
  const program = `~/.kiro/scripts/${DISPATCHER_FILES.posix}`;
  return form === 'env' ? program : `${program} stdin >/dev/null 2>&1 || true`;
}

const NAMES_DISPATCHER = /(?:^|[\s"'/\\])capsule-dispatch\.(?:sh|cmd|ps1)(?=$|[\s"'])/;

/**
 * Whether a command runs our dispatcher, in whatever form an older version of ours, Kiro's own upgrade of a hook file, or a
 * user who moved things wrote it. Decided by the file name alone, so quoting and folders do not matter.
 */
export function isDispatcherCommand(command: string): boolean {
  return NAMES_DISPATCHER.test(command);
}
