/** What an expression can ask for, as help beside the editor. A test holds it to what the portal judges by. */
export const FIELDS: readonly (readonly [name: string, type: string, what: string])[] = [
  [
    'event.kind',
    'text',
    'session.started, prompt.submitted, agent.responded, agent.reasoned, tool.invoked, turn.ended, capture.gap',
  ],
  ['event.device.user', 'text', 'the developer’s account name'],
  ['event.device.os', 'text', 'darwin, linux, win32'],
  ['event.session.mode', 'text', 'vibe, spec'],
  ['event.source.content', 'text', 'full, redacted, metadata, off'],
  ['event.redactions', 'list', 'what was taken out: rule, field, count'],
  ['event.body', 'map', 'what the event itself says: name, arguments, result, success, exitCode, approval, text …'],
  ['event.verdicts', 'list', 'policies that matched this event; only in sequences'],
  ['event.facts.op', 'text', 'execute, read, write, delete, search, fetch, move, mcp, other'],
  ['event.facts.command', 'text', 'the command as it was typed'],
  ['event.facts.script', 'text', 'the commands that really run, one a line'],
  ['event.facts.programs', 'list', 'names of the programs that run'],
  ['event.facts.pipelines', 'list', 'programs that feed one another: curl|sh'],
  ['event.facts.paths', 'list', 'files that are touched, ~ for the home'],
  ['event.facts.writes', 'list', 'files that are written'],
  ['event.facts.deletes', 'list', 'files that are deleted'],
  ['event.facts.downloads', 'list', 'files that come from the network'],
  ['event.facts.runs', 'list', 'files that are run or made executable'],
  ['event.facts.workspace', 'text', 'the workspace’s path'],
  ['event.facts.outside', 'yes or no', 'a file tool reached outside the workspace'],
  ['event.facts.hosts', 'list', 'names of machines that are contacted'],
  ['event.facts.text', 'text', 'what was written or said'],
  ['event.facts.output', 'text', 'what came back'],
  ['event.facts.keys', 'list', 'names in JSON that is written'],
  ['event.facts.hidden', 'number', 'characters that nobody sees'],
  ['event.facts.incomplete', 'yes or no', 'too long to be read to its end'],
  ['event.facts.changes', 'map', 'of a session’s start: mcpAdded, mcpChanged, steeringAdded, hooksAdded, trustAdded …'],
];

/** Each does something that somebody may want, and is short enough to be changed. */
export const EXAMPLES: readonly (readonly [what: string, expression: string])[] = [
  ['A program is run', 'event.facts.programs.exists(p, p in ["terraform", "kubectl"])'],
  [
    'A file outside the workspace is written',
    'event.facts.op == "write" && event.facts.outside &&\n!event.facts.writes.all(p, p.startsWith("/tmp/"))',
  ],
  [
    'A file is read, by its name',
    'event.facts.op == "read" &&\nevent.facts.paths.exists(p, p.matches(r"(^|/)\\.env(\\.|$)"))',
  ],
  [
    'A machine is contacted that is not ours',
    'size(event.facts.hosts) > 0 &&\n!event.facts.hosts.all(h, h.endsWith(".example.com"))',
  ],
  [
    'A prompt holds a word',
    'event.kind == "prompt.submitted" &&\nevent.facts.text.matches(r"(?i)\\bproject falcon\\b")',
  ],
  ['An MCP server is new', 'event.kind == "session.started" && size(event.facts.changes.mcpAdded) > 0'],
  [
    'A tool fails without having asked',
    'event.kind == "tool.invoked" &&\nevent.body.success == false && event.body.approval == "auto"',
  ],
];
