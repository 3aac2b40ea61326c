import { Failure } from '../../../core/failure.ts';
import { type Check, found, passed } from '../check.ts';

export const settingsValid: Check = {
  id: 'settings.valid',
  title: 'our settings can be read',
  why: 'With settings that are not understood the daemon stands by, because it could send more than you want.',
  remedy: 'Correct the file, or delete it: then the defaults count.',
  needs: [],
  run(host, facts) {
    const read = [host.own.settings];
    try {
      facts.settings();
      return passed(read);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return found('fail', read, [error.message], { say: error.hint ?? `Correct or delete ${host.own.settings}` });
    }
  },
};
