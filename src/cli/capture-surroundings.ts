import { statSync } from 'node:fs';
import { rulesBeside } from '../capture/all-rules.ts';
import type { CaptureContext } from '../capture/capture-context.ts';
import { customRules } from '../capture/custom-rules.ts';
import type { InventoryMemory } from '../capture/inventory-changes.ts';
import { createRedactor, type Redactor } from '../capture/redact.ts';
import type { Generation } from '../core/event.ts';
import { describe } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import type { Settings } from '../core/settings.ts';
import { isDispatcherCommand } from '../kiro/dispatcher-command.ts';
import { chooseHooks, type HooksToPlace } from '../kiro/hooks-to-place.ts';
import { readInventory } from '../kiro/inventory.ts';
import { findSettingsFiles, type KiroPaths, kiroPaths } from '../kiro/paths.ts';
import { type FoundKiro, findKiro } from '../kiro/versions.ts';
import { contentLevelFor } from './content-level-for.ts';
import type { Device } from './device.ts';
import { settingsInForce } from './settings-in-force.ts';

function isCli(generation: Generation | undefined): boolean {
  return generation === 'cli-2' || generation === 'cli-3';
}

/** What the daemon knows of settings and Kiro at the moment; refreshed when our settings change and at each look for workspaces. */
export interface CaptureSurroundings {
  settings(): Settings;
  paths(): KiroPaths;
  kiro(): readonly FoundKiro[];
  hooks(): HooksToPlace;
  context(): CaptureContext;
  refresh(): void;
  /** Whether the organisation's file is another than at the last `refresh`. */
  isStale(): boolean;
}

/**
 * Reads settings and Kiro's places now, and again at each `refresh`. Settings that cannot be read leave those before in force;
 * with none before there is nothing to go by. Throws `config-invalid`, once.
 */
export function captureSurroundings(host: Host, device: Device, inventories: InventoryMemory): CaptureSurroundings {
  let redact: Redactor;
  let settings = settingsInForce(host);
  let paths: KiroPaths;
  let kiro: readonly FoundKiro[];
  let seen: string;

  const refresh = () => {
    // Taken first: what is written while it is being read is then read again.
    seen = stampsOf(host);
    try {
      settings = settingsInForce(host);
    } catch (error) {
      // A file that was broken by hand must not loosen what was set before.
      host.log.error('the settings are not usable, those before stay in force', { error: describe(error) });
    }
    redact = createRedactor({ key: device.redactionKey, rules: rulesBeside(customRules(settings['content.rules'])) });
    paths = kiroPaths(host, settings);
    kiro = findKiro(host, paths, settings);
  };
  refresh();
  /** What a command has just set holds for the next event, and does not wait for the word of a watch. */
  const heed = () => {
    if (stampsOf(host) !== seen) refresh();
  };
  let refreshed = stampOf(host.managed.file);

  return {
    refresh() {
      refreshed = stampOf(host.managed.file);
      refresh();
    },
    isStale: () => stampOf(host.managed.file) !== refreshed,
    settings: () => settings,
    paths: () => paths,
    kiro: () => kiro,
    hooks: () => chooseHooks(kiro, settings['hooks.mode']),
    context: () => {
      heed();
      return {
        device: { id: device.id, os: host.platform, user: host.user },
        kiroVersion: (generation) => kiro.find((found) => found.generation === generation)?.version ?? null,
        levelFor: (workspacePath, generation) => {
          heed();
          return isCli(generation) && !settings['capture.cli'] ? 'off' : contentLevelFor(settings, workspacePath);
        },
        redact,
        inventory: (roots) =>
          readInventory({
            dotKiro: paths.dotKiro,
            roots,
            userSettingsFiles: paths.userDataDirs.flatMap(findSettingsFiles),
            platform: host.platform,
            isOurs: isDispatcherCommand,
          }),
        inventories,
      };
    },
  };
}

/** Of both files: what a user sets, and what an organisation lays down. */
function stampsOf({ own, managed }: Host): string {
  return `${stampOf(own.settings)} ${stampOf(managed.file)}`;
}

/** Another one whenever the file was replaced, written to, or given to somebody else. */
function stampOf(file: string): string {
  const there = statSync(file, { throwIfNoEntry: false, bigint: true });
  return there === undefined ? '' : `${there.ino} ${there.size} ${there.mtimeNs} ${there.ctimeNs}`;
}
