import { expect, test } from '@jest/globals';
import { wrongUser } from '../../src/cli/right-user.ts';

const root = { uid: 0, homeOwner: 0, isOwnHome: true, sudoUser: undefined };

test.each([
  ['a user in their own home', { uid: 1000, homeOwner: 1000, isOwnHome: true, sudoUser: undefined }],
  ['a user in a home that was given', { uid: 1000, homeOwner: 1000, isOwnHome: false, sudoUser: 'root' }],
  ['root in its own home, as in a container', root],
  ['root in a home of its own that was given', { ...root, isOwnHome: false, sudoUser: 'dev' }],
  ['root by the sudo of root', { ...root, sudoUser: 'root' }],
  ['root where the home is not there yet', { ...root, homeOwner: undefined }],
  ['anybody on Windows', { uid: undefined, homeOwner: 0, isOwnHome: true, sudoUser: undefined }],
])('%s may install', (_, runner) => {
  expect(wrongUser(runner)).toBeUndefined();
});

test.each([
  ["root in another's home", { ...root, homeOwner: 1000 }, /home is another user's/],
  ["root in another's home by sudo -E", { ...root, homeOwner: 1000, isOwnHome: false, sudoUser: 'dev' }, /home is/],
  ['root that is somebody by sudo', { ...root, sudoUser: 'dev' }, /by the sudo of dev/],
])('%s may not, and is told why', (_, runner, why) => {
  expect(wrongUser(runner)).toMatch(why);
});
