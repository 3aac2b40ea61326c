import { defineCommand } from './command.ts';
import { type HookForm, ringOnce } from './ring-once.ts';

const FORMS: readonly HookForm[] = ['env', 'stdin', 'start'];

export const hook = defineCommand({
  usage: 'hook [form]',
  summary: 'What a dispatcher runs where a script will not do; always exits 0, prints nothing',
  positionals: { form: { describe: "Where Kiro's data is; start: only look after the daemon", choices: FORMS } },
  options: {},
  examples: [['hook stdin', 'As Kiro 1.x runs it on Windows']],
  async run(host, { form }) {
    ringOnce(host, FORMS.find((each) => each === form) ?? 'env');
    return { output: '', json: {}, exitCode: 0 };
  },
});
