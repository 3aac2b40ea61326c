import { parse } from 'jsonc-parser';

const PLACEHOLDER = '"{{command}}"';

/** Puts the command into a hook file's template, as a JSON string. */
export function fillCommand(template: string, command: string): string {
  return template.replace(PLACEHOLDER, () => JSON.stringify(command));
}

/** What a hook file holds; undefined when it is not JSON. Comments are forgiven, so that an edited file of ours is known. */
export function readHookJson(text: string): unknown {
  const errors: [] = [];
  const value: unknown = parse(text.replace(/^\uFEFF/, ''), errors, { allowTrailingComma: true });
  return errors.length === 0 ? value : undefined;
}
