import type { Command } from './command.ts';
import type { Commands } from './parse.ts';

/** Every command, loaded only when it is asked for: starting one must not pay for the others. */
export const COMMANDS: Commands = {
  install: async () => (await import('./install.ts')).install as Command,
  uninstall: async () => (await import('./uninstall.ts')).uninstall as Command,
  upgrade: async () => (await import('./upgrade.ts')).upgrade as Command,
  status: async () => (await import('./status.ts')).status as Command,
  events: async () => (await import('./events.ts')).events as Command,
  start: async () => (await import('./start.ts')).start as Command,
  stop: async () => (await import('./stop.ts')).stop as Command,
  restart: async () => (await import('./restart.ts')).restart as Command,
  run: async () => (await import('./run.ts')).run as Command,
  workspaces: async () => (await import('./workspaces.ts')).workspaces as Command,
  config: async () => (await import('./config.ts')).config as Command,
  token: async () => (await import('./token.ts')).token as Command,
  portal: async () => (await import('./portal.ts')).portal as Command,
  hook: async () => (await import('./hook.ts')).hook as Command,
  diagnose: async () => (await import('./diagnose.ts')).diagnose as Command,
  demo: async () => (await import('./demo.ts')).demo as Command,
  licenses: async () => (await import('./licenses.ts')).licenses as Command,
};
