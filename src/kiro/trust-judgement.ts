import type { Trusted } from './trusted-commands.ts';

/** Whether Kiro 0.x runs `command` without asking, by one settings file alone. Pure. */
export function judgeTrust({ commands, denylist }: Trusted, command: string): { inPlace: boolean; detail: string } {
  // The denylist is asked first and wins, by any part of the command's text (kiro/README K16).
  const denied = denylist.find((part) => part !== '' && command.includes(part));
  if (denied !== undefined) {
    return {
      inPlace: false,
      detail: `kiroAgent.commandDenylist holds ${JSON.stringify(denied)}, which is part of our command`,
    };
  }
  if (commands === null) return { inPlace: false, detail: 'not trusted yet' };
  if (commands.includes(command)) return { inPlace: true, detail: 'trusted' };
  const pattern = commands.find((trusted) => coversByPattern(trusted, command));
  return pattern === undefined
    ? { inPlace: false, detail: 'not trusted yet' }
    : { inPlace: true, detail: `trusted by ${JSON.stringify(pattern)}` };
}

/** `*` alone covers everything; `foo *` covers `foo` and what begins with `foo ` (kiro/README K14). */
function coversByPattern(trusted: string, command: string): boolean {
  if (trusted === '*') return true;
  if (!trusted.endsWith(' *')) return false;
  const program = trusted.slice(0, -2);
  return command === program || command.startsWith(`${program} `);
}
