import type { DaemonState } from './daemon-state.ts';

/** Something that needs a person, with what to do. */
export interface Trouble {
  code: string;
  message: string;
  fix: string;
}

/** What a healthy daemon would not say. Pure; worst first. */
export function troubles(state: DaemonState): Trouble[] {
  const { delivery, enrolment, outbox, capture, workspaces } = state;
  const found: (Trouble | false)[] = [
    enrolment.state === 'none' && {
      code: 'not-enrolled',
      message: 'No portal is set up: events are kept on this machine only',
      fix: 'capsule-kiro install --portal https://… --code-stdin',
    },
    enrolment.state === 'pending' && {
      code: 'enrolment-pending',
      message: `This device has not enrolled yet${enrolment.why === null ? '' : `: ${enrolment.why}`}`,
      fix: 'It is tried again by itself; with a new code: capsule-kiro token set',
    },
    delivery.state === 'held' && {
      code: 'delivery-held',
      message: `The portal does not take events: ${delivery.why ?? 'unknown reason'}; they are kept here`,
      fix: 'Ask for a new enrolment code, then: capsule-kiro token set',
    },
    delivery.state === 'waiting' && {
      code: 'portal-unreachable',
      message: `Events wait: ${delivery.why ?? 'the portal cannot be reached'}`,
      fix: 'Nothing to do while offline; else check portal.url, proxy and network',
    },
    outbox.rejected > 0 && {
      code: 'events-rejected',
      message: `${outbox.rejected} events were refused by the portal and set aside`,
      fix: 'Report this with the versions of agent and portal',
    },
    ...capture.problems.map((problem) => ({
      code: 'capture-failed',
      message: `A session could not be read: ${problem}`,
      fix: 'Check that the files under ~/.kiro/sessions are readable',
    })),
    workspaces.notAttached.length > 0 && {
      code: 'workspace-not-attached',
      message: `${workspaces.notAttached.length} workspace files were not placed, the first: ${workspaces.notAttached[0]?.path} (${workspaces.notAttached[0]?.reason})`,
      fix: 'capsule-kiro workspaces',
    },
  ];
  return found.filter((trouble): trouble is Trouble => trouble !== false);
}
