import { readIfExists } from '../../../core/careful-file.ts';
import { ruleWarnings } from '../../../kiro/attachment-warnings.ts';
import { userPermissionFile } from '../../../kiro/permission-files.ts';
import { readPermissions } from '../../../kiro/permissions.ts';
import { type Check, found, passed } from '../check.ts';

export const permissionRules: Check = {
  id: 'permission.rules',
  title: 'no permission rule of Kiro 1.x stops our hook',
  why: 'A rule that denies shell commands, or asks about them, wins over any that allows ours.',
  remedy: 'Add `*capsule-dispatch*` and `true` to the exclude list of that rule; we never edit it unasked.',
  needs: ['install.present', 'settings.valid'],
  async run(_host, facts) {
    const { rule, workspaces } = await facts.stock();
    const file = userPermissionFile((await facts.around()).paths);
    const read = [file, 'the permissions of each workspace in ~/.kiro/workspace-roots'];
    const stopping = [rule, ...workspaces.map((standing) => standing.rule)].flatMap(ruleWarnings);
    const [first] = stopping;
    if (first !== undefined) {
      const said = stopping.map((each) => `${each.file}: ${each.message}`);
      return found('fail', read, said, { say: first.fix });
    }
    const text = readIfExists(file)?.toString('utf8');
    const problem = text === undefined ? null : readPermissions(text).problem;
    if (problem === null) return passed(read);
    return found('warn', read, [`${file} does not count, because of one fault Kiro drops it as a whole: ${problem}`], {
      say: 'Correct it',
    });
  },
};
