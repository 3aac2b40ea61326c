/** Makes two files of the program: what answers at once, and all the rest. */
import path from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { TOP } from './places.ts';

const OPTIONS: BuildOptions = {
  absWorkingDir: TOP,
  bundle: true,
  platform: 'node',
  target: 'node24',
  // A sealed ES module starts 30 ms later.
  format: 'cjs',
  supported: { 'dynamic-import': false },
  // Names stay, for the sake of whoever reads a crash report; lines are cut, because Node prints the whole line of a crash.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  charset: 'ascii',
  legalComments: 'none',
  // jsonc-parser's other form cannot be bundled.
  mainFields: ['module', 'main'],
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: { js: 'const importMetaUrl=require("node:url").pathToFileURL(__filename).href;' },
  logLevel: 'warning',
  logOverride: { 'large-output': 'silent' },
};

const standIn: Plugin = {
  name: 'the rest is loaded when it is needed',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/command-line\.ts$/ }, () => ({
      path: path.join(import.meta.dirname, 'sealed', 'command-line.ts'),
    }));
  },
};

/** Writes the first part, which is what is sealed as the program, and the rest, which is sealed as an asset. */
export async function bundle(first: string, rest: string): Promise<void> {
  await build({ ...OPTIONS, entryPoints: ['bin/main.ts'], outfile: first, plugins: [standIn] });
  await build({ ...OPTIONS, entryPoints: ['src/cli/command-line.ts'], outfile: rest });
}
