import { parse } from 'jsonc-parser';
import { readTextAsset } from '../core/assets.ts';

const PLACEHOLDER = '"{{command}}"';

/** Kept: with ten thousand workspaces to look at they would be read twenty thousand times. */
const templates = new Map<string, string>();

/** The whole text of a hook file of ours: the template of that name with the command put in, as a JSON string. */
export function hookText(name: string, command: string): string {
  const template = templates.get(name) ?? readTextAsset(`installer-assets/${name}`);
  templates.set(name, template);
  return template.replace(PLACEHOLDER, () => JSON.stringify(command));
}

/** What a hook file holds; undefined when it is not JSON. Comments are forgiven, so that an edited file of ours is known. */
export function readHookJson(text: string): unknown {
  const errors: [] = [];
  const value: unknown = parse(text.replace(/^\uFEFF/, ''), errors, { allowTrailingComma: true });
  return errors.length === 0 ? value : undefined;
}
