import type { Json } from '../core/event.ts';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { checkSetting, isSettingName, SETTING_NAMES } from '../core/settings.ts';
import { bringInLine, isInstalled, lookAround } from './bring-in-line.ts';
import { defineCommand } from './command.ts';
import { managedNames } from './managed-settings.ts';
import { readSecret } from './read-secret.ts';
import { changeFreely, settingsInForce } from './settings-in-force.ts';
import { withoutPassword } from './shell-proxy.ts';

export const config = defineCommand({
  usage: 'config [action] [name] [value]',
  summary: 'Show or change the settings; a change takes effect without a restart',
  options: {
    stdin: { type: 'boolean', default: false, describe: 'For set: read the value from standard input' },
  },
  positionals: {
    action: { describe: 'get (the default) or set', choices: ['get', 'set'] },
    name: { describe: `One of: ${SETTING_NAMES.join(', ')}` },
    value: {
      describe: 'For set: the new value, JSON or plain text; `null` for the default',
    },
  },
  examples: [
    ['config', 'All settings'],
    ['config set content.level metadata', 'Lengths and hashes leave the machine, no text'],
    ['config set workspaces.exclude \'["/home/me/private"]\'', 'Leave a folder alone'],
  ],
  async run(host, { action, name, value, stdin }) {
    if (action === 'set') {
      // An address with a password has no business in a list of processes.
      const given = stdin ? await readSecret(host, { stdin, file: undefined }) : value;
      set(host, name, given);
      // The daemon would do so too; but it may be down, and hooks must not stay where they are not wanted.
      if (ABOUT_HOOKS.has(String(name)) && isInstalled(host)) bringInLine(host, await lookAround(host));
    }
    const settings = settingsInForce(host);
    const shown = name === undefined ? SETTING_NAMES : [known(name)];
    const managed = new Set(managedNames(host));
    const lines = shown.map((each) => {
      const by = managed.has(each) ? `  (managed: ${host.managed.file})` : '';
      return `${each} = ${JSON.stringify(toShow(settings[each]))}${by}`;
    });
    const json = Object.fromEntries(shown.map((each) => [each, toShow(settings[each] satisfies Json)]));
    return {
      output: lines.join('\n'),
      json: { settings: json, managed: shown.filter((each) => managed.has(each)) },
      exitCode: 0,
    };
  },
});

/** Settings that decide what is attached to Kiro. */
const ABOUT_HOOKS = new Set<string>(['hooks.mode', 'workspaces.exclude', 'kiro.appDir', 'kiro.userDataDirs']);

/** The password in a proxy's address is nobody's to see. */
function toShow(value: Json): Json {
  return typeof value === 'string' ? withoutPassword(value) : value;
}

function known(name: unknown) {
  const text = String(name);
  if (isSettingName(text)) return text;
  throw new Failure('usage', `There is no setting called ${text}`, { hint: `Settings: ${SETTING_NAMES.join(', ')}` });
}

function set(host: Host, name: unknown, value: unknown): void {
  if (value === undefined) throw new Failure('usage', 'config set needs a name and a value');
  const key = known(name);
  const wanted = toJson(String(value));
  if (wanted !== null) checkSetting(key, wanted, 'config set');
  changeFreely(host, key, (own) => {
    const { [key]: _, ...others } = own;
    return wanted === null ? others : { ...own, [key]: wanted };
  });
}

/** `metadata` and `"metadata"` mean the same; numbers and lists are JSON. */
function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
