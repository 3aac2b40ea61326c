import type { DaemonState } from './daemon-state.ts';
import { count } from './say.ts';

/** Something that needs a person, with what to do. */
export interface Trouble {
  code: string;
  message: string;
  fix: string;
}

/** Less than this changes nothing but the order in which a person reads two devices. */
export const CLOCK_OFF_MS = 5 * 60_000;

/** What a healthy daemon would not say. Pure; worst first. */
export function troubles(state: DaemonState): Trouble[] {
  const { delivery, enrolment, outbox, depths, capture, workspaces, drift, unwatched, lacks, clockOffsetMs } = state;
  const refused = depths?.portal.rejected ?? outbox.rejected;
  const found: (Trouble | false)[] = [
    enrolment.state === 'none' &&
      state.destinations.join() !== 'otlp' && {
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
    ...otlpTroubles(state),
    outbox.damage !== null && {
      code: 'outbox-damaged',
      message: `The outbox was damaged; a new one was begun with ${count(outbox.damage.saved, 'event')} of the old, which is ${outbox.damage.movedTo}`,
      fix: 'Check the disk; then delete the old one and: capsule-kiro restart',
    },
    clockOffsetMs !== null &&
      Math.abs(clockOffsetMs) > CLOCK_OFF_MS && {
        code: 'clock-wrong',
        message: `This machine's clock is ${Math.round(Math.abs(clockOffsetMs) / 60_000)} minutes ${clockOffsetMs > 0 ? 'behind' : 'ahead of'} the portal's`,
        fix: 'Set the clock, or let the system set it',
      },
    refused > 0 && {
      code: 'events-rejected',
      message: `${refused} events were refused by the portal and set aside`,
      fix: 'Report this with the versions of agent and portal',
    },
    ...capture.problems.map((problem) => ({
      code: 'capture-failed',
      message: `A session could not be read: ${problem}`,
      fix: 'Check that the files under ~/.kiro/sessions are readable',
    })),
    workspaces.notAttached.length > 0 && {
      code: 'workspace-not-attached',
      message: `${count(workspaces.notAttached.length, 'workspace')} not attached, the first: ${workspaces.notAttached[0]?.path} (${workspaces.notAttached[0]?.reason})`,
      fix: 'capsule-kiro workspaces',
    },
    lacks === 'disk' && {
      code: 'disk-full',
      message: "The disk is full: nothing new can be kept; Kiro's own record is read again when there is room",
      fix: 'Make room on the disk that the home folder is on; it is tried again every minute',
    },
    lacks === 'files' && {
      code: 'no-files-left',
      message: 'The system has no file descriptors left: turns are noticed late',
      fix: 'Close what holds so many files open, or raise the limit (ulimit -n, fs.file-max)',
    },
    unwatched.length > 0 && {
      code: 'no-watches-left',
      message: `The system has no watches left for ${count(unwatched.length, 'folder')}: turns are noticed up to ten seconds late, new workspaces up to 15 minutes`,
      fix: 'Raise fs.inotify.max_user_watches and fs.inotify.max_user_instances with sysctl, or close what watches so much',
    },
    ...oncePerCode(drift.warnings),
  ];
  return found.filter((trouble): trouble is Trouble => trouble !== false);
}

function otlpTroubles({ otlp, depths }: DaemonState): (Trouble | false)[] {
  if (otlp === null) return [];
  const refused = (depths?.otlp.rejected ?? 0) + otlp.partlyRejected;
  return [
    otlp.state === 'held' && {
      code: 'otlp-held',
      message: `Nothing goes to OpenTelemetry: ${otlp.why ?? 'unknown reason'}; events are kept here`,
      fix: 'capsule-kiro diagnose --only otlp',
    },
    otlp.state === 'waiting' && {
      code: 'otlp-unreachable',
      message: `Events wait for OpenTelemetry: ${otlp.why ?? 'the endpoint cannot be reached'}`,
      fix: 'Nothing to do while offline; else: capsule-kiro diagnose --only otlp',
    },
    refused > 0 && {
      code: 'otlp-refused',
      message: `${count(refused, 'event')} ${refused === 1 ? 'was' : 'were'} refused by the OpenTelemetry endpoint`,
      fix: 'Check otlp.endpoint and otlp.headersFile: capsule-kiro diagnose --only otlp',
    },
  ];
}

/** A thousand workspaces that are alike are one trouble. */
function oncePerCode(warnings: DaemonState['drift']['warnings']): Trouble[] {
  return [...Map.groupBy(warnings, ({ code }) => code)].flatMap(([code, [first, ...others]]) => {
    if (first === undefined) return [];
    const more = others.length === 0 ? '' : `; and ${others.length} more like it`;
    return [{ code, message: `${first.message} (${first.file})${more}`, fix: first.fix }];
  });
}
