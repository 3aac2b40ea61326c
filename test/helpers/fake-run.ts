import type { Host, Ran } from '../../src/core/host.ts';

/** Stands in for `launchctl` and `systemctl`: remembers each command line and plays back an answer, success unless given. */
export function fakeRun(answer: (commandLine: string) => Partial<Ran> = () => ({})): {
  ran: string[];
  run: Host['run'];
} {
  const ran: string[] = [];
  return {
    ran,
    async run(program, args) {
      const commandLine = [program, ...args].join(' ');
      ran.push(commandLine);
      return { exitCode: 0, stdout: '', stderr: '', ...answer(commandLine) };
    },
  };
}
