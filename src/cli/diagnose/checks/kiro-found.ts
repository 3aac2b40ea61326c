import { KIRO_RECORDS, type KiroRecords } from '../../../kiro/kiro-records.ts';
import { installPlaces } from '../../../kiro/versions.ts';
import { type Check, found, passed } from '../check.ts';

export const kiroFound: Check = {
  id: 'kiro.found',
  title: 'Kiro is found, with its generation',
  why: 'Which hooks Kiro runs depends on its version; without one found, those of every generation are placed.',
  remedy: 'Name the folder of a Kiro in an unusual place: `capsule-kiro config set kiro.appDir FOLDER`.',
  needs: ['settings.valid'],
  run(host, facts) {
    const kiro = facts.kiro();
    const read = [...installPlaces(host, facts.settings()['kiro.appDir']), ...kiro.map(({ evidence }) => evidence)];
    if (kiro.length === 0) {
      return found('warn', read, ['no Kiro is installed in the usual places, and none has left a trace'], {
        say: 'Start Kiro once; if it is in an unusual place, name it: capsule-kiro config set kiro.appDir FOLDER',
      });
    }
    const said = kiro.map(
      ({ generation, version, evidence }) => `${generation} ${version ?? 'by its traces'}: ${evidence}`,
    );
    return passed(read, ...said, ...kiro.flatMap(({ generation }) => sayRecords(KIRO_RECORDS[generation])));
  },
};

const sayRecords = ({ versions, records, lacks }: KiroRecords) => [
  `Kiro ${versions} records ${records.join(', ')}`,
  `Kiro ${versions} does not record ${lacks.join(', ')}`,
];
