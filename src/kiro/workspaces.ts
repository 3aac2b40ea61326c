/** A folder that Kiro knows as a workspace root, and whether we may attach to it. */
export interface Workspace {
  /** As Kiro writes it, decoded and put in one form: `file:///home/dev/demo`, `vscode-remote://…`. */
  uri: string;
  /** On this machine, in this system's form; null for a remote one. */
  path: string | null;
  name: string;
  state: 'local' | 'remote' | 'missing' | 'excluded' | 'skipped';
  /** One clause for a person; null when it is local. */
  reason: string | null;
  /** Which of Kiro's lists name it. */
  sources: string[];
}
