import { existsSync } from 'node:fs';
import { Failure } from '../core/failure.ts';
import { defineCommand } from './command.ts';
import { startDaemon } from './daemon-control.ts';

export const start = defineCommand({
  usage: 'start',
  summary: 'Start the daemon, if it is not running',
  options: {},
  examples: [['start', 'Through the service manager where there is one, else on its own']],
  async run(host) {
    if (!existsSync(host.own.program)) {
      throw new Failure('not-found', 'capsule-kiro is not installed for this user', {
        hint: 'Run: capsule-kiro install',
      });
    }
    const { state, how } = await startDaemon(host);
    const said = how === 'running' ? 'The daemon was already running' : 'The daemon runs';
    return {
      output: `${said} (process ${state.pid}${how === 'service' ? ', kept up by the service manager' : ''}).`,
      json: { running: true, pid: state.pid, how },
      exitCode: 0,
    };
  },
});
