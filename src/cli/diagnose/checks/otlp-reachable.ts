import { networkIn } from '../../network-in.ts';
import { type Check, found, passed, skipped } from '../check.ts';

export const otlpReachable: Check = {
  id: 'otlp.reachable',
  title: 'the OpenTelemetry endpoint, or the proxy to it, takes connections',
  why: 'While it does not, events wait here for it, and leave by themselves when it does again.',
  remedy: 'Nothing to do while offline; else check `otlp.endpoint` and `proxy.url`, and that no firewall is between.',
  needs: ['settings.valid'],
  async run(_host, facts) {
    const settings = facts.settings();
    const endpoint = settings['otlp.endpoint'];
    if (endpoint === null) return skipped('no OpenTelemetry endpoint is set');
    const { lookAtDoor } = await import('../../../relay/look-at-portal.ts');
    const { name, connection } = await lookAtDoor(new URL(endpoint), networkIn(settings));
    const step = connection ?? name;
    const read = ['the resolver of this system', 'a connection, closed again at once'];
    if (step.ok) return passed(read, `${step.said} (${step.ms} ms)`);
    return found('fail', read, [step.said], {
      say: 'Nothing to do while offline; else check otlp.endpoint and proxy.url: capsule-kiro config',
    });
  },
};
