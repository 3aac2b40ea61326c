import { defineCommand } from './command.ts';
import { startDaemon, stopDaemon } from './daemon-control.ts';

export const restart = defineCommand({
  usage: 'restart',
  summary: 'Stop the daemon and start it again',
  options: {},
  examples: [['restart', 'For instance after a new version was put in place']],
  async run(host) {
    await stopDaemon(host);
    const { state, how } = await startDaemon(host);
    return {
      output: `The daemon runs (process ${state.pid}).`,
      json: { running: true, pid: state.pid, how },
      exitCode: 0,
    };
  },
});
