import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Where the portal may connect to when an organisation's administrator says whereto. */
export interface Reach {
  /** Whether it may, by a host as it stands in an address: a name is looked at when it has been looked up. */
  mayTry(host: string): boolean;
  /** For sockets: what a name stands for counts, whatever it stood for before. Fails with `OutOfReach`. */
  lookup: LookupFunction;
}

/** The address is none that the portal may connect to. */
export class OutOfReach extends Error {}

/**
 * Anything but the networks of one link, where clouds answer their machines' secrets, and what is no address of one machine;
 * this machine only where its operator says so (`local`). Private networks are within reach: that is where a receiver stands.
 */
export function reachOf({ local }: { local: boolean }): Reach {
  const forbidden = new BlockList();
  for (const [net, prefix] of NEVER_4) forbidden.addSubnet(net, prefix, 'ipv4');
  for (const [net, prefix] of NEVER_6) forbidden.addSubnet(net, prefix, 'ipv6');
  if (!local) {
    forbidden.addSubnet('127.0.0.0', 8, 'ipv4');
    forbidden.addAddress('::1', 'ipv6');
  }
  const isFree = (address: string): boolean => !forbidden.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return {
    mayTry: (host) => {
      const bare = host.replace(/^\[|\]$/g, '');
      return isIP(bare) === 0 || isFree(bare);
    },
    lookup(hostname, options, callback) {
      lookup(hostname, { ...options, all: true }, (error, found) => {
        if (error !== null) return callback(error, []);
        const [first] = found;
        if (first === undefined || !found.every(({ address }) => isFree(address)))
          return callback(new OutOfReach(), []);
        return options.all === true ? callback(null, found) : callback(null, first.address, first.family);
      });
    },
  };
}

/** Unspecified, one link (and every cloud's metadata there), Alibaba's, Oracle's and Azure's own, many machines. */
const NEVER_4 = [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
  ['168.63.129.16', 32],
  ['224.0.0.0', 3],
] as const;
/** The same; Amazon's and Google's metadata; and the two ways of writing an IPv4 address that reaches one link. */
const NEVER_6 = [
  ['::', 128],
  ['fe80::', 10],
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
  ['64:ff9b::a9fe:0', 112],
  ['ff00::', 8],
] as const;
