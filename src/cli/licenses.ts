import { readTextAsset } from '../core/assets.ts';
import { defineCommand } from './command.ts';

export const licenses = defineCommand({
  usage: 'licenses',
  summary: 'Print the licences of this program and of everything in it',
  options: {},
  examples: [['licenses', 'Some 5,000 lines: pipe it into a pager']],
  async run() {
    const output = readTextAsset('dist/licenses.txt').trimEnd();
    return { output, json: { text: output }, exitCode: 0 };
  },
});
