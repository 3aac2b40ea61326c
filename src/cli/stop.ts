import { defineCommand } from './command.ts';
import { stopDaemon } from './daemon-control.ts';

export const stop = defineCommand({
  usage: 'stop',
  summary: 'Stop the daemon; what it has captured stays on disk',
  options: {},
  examples: [['stop', 'Until the next login, `capsule-kiro start`, or the next turn of the Kiro agent']],
  async run(host) {
    const stopped = await stopDaemon(host);
    return {
      output: stopped ? 'The daemon has stopped.' : 'No daemon was running.',
      json: { running: false, stopped },
      exitCode: 0,
    };
  },
});
